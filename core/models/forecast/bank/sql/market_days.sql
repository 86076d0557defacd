-- Days on which the city published sales or footfall: between two of them the market of a business does not change.
SELECT available_on FROM market_sales
UNION
SELECT available_on FROM market_footfall
ORDER BY available_on
