-- One row per trade area, industry and quarter: sales and what the forecast derives features from. Shares are NULL
-- where unknown.
SELECT
    sales.area_code,
    sales.industry_code,
    sales.category,
    market_areas.district_code,
    districts.region,
    sales.quarter,
    CAST(sales.sales_krw AS DOUBLE) AS sales,
    CAST(sales.sales_count AS DOUBLE) AS purchases,
    CAST(footfall.people AS DOUBLE) AS people,
    CAST(stores.similar_stores AS DOUBLE) AS stores,
    CAST(sales.weekend_krw AS DOUBLE) / nullif(CAST(sales.weekday_krw + sales.weekend_krw AS DOUBLE), 0) AS weekend,
    CAST(sales.h00_06_krw + sales.h21_24_krw AS DOUBLE) / nullif(CAST(sales.sales_krw AS DOUBLE), 0) AS night,
    CAST(sales.h17_21_krw AS DOUBLE) / nullif(CAST(sales.sales_krw AS DOUBLE), 0) AS evening,
    CAST(sales.h11_14_krw AS DOUBLE) / nullif(CAST(sales.sales_krw AS DOUBLE), 0) AS lunch,
    CAST(sales.female_krw AS DOUBLE) / nullif(CAST(sales.male_krw + sales.female_krw AS DOUBLE), 0) AS female,
    CAST(sales.age_10_krw + sales.age_20_krw AS DOUBLE) / nullif(CAST(sales.sales_krw AS DOUBLE), 0) AS young,
    CAST(sales.age_50_krw + sales.age_60_krw AS DOUBLE) / nullif(CAST(sales.sales_krw AS DOUBLE), 0) AS older
FROM market_sales AS sales
LEFT JOIN market_footfall AS footfall
    ON
        footfall.area_code = sales.area_code
        AND footfall.generation = sales.generation
        AND footfall.quarter = sales.quarter
LEFT JOIN market_stores AS stores
    ON
        stores.area_code = sales.area_code
        AND stores.generation = sales.generation
        AND stores.industry_code = sales.industry_code
        AND stores.quarter = sales.quarter
LEFT JOIN market_areas ON market_areas.area_code = sales.area_code AND market_areas.generation = sales.generation
LEFT JOIN districts ON districts.district_code = market_areas.district_code
WHERE sales.sales_krw IS NOT NULL AND sales.quarter <= $newest
ORDER BY sales.area_code, sales.industry_code, sales.quarter
