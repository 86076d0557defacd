-- Days on which the city published something: between two of them the street of a business does not change.
SELECT available_on FROM market_sales
UNION
SELECT available_on FROM market_footfall
ORDER BY available_on
