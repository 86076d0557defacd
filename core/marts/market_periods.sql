-- One row per city table: quarters covered and areas seen, for the Data and Districts pages.
SELECT
    'market_sales' AS source_table,
    min(quarter) AS first_quarter,
    max(quarter) AS last_quarter,
    count(DISTINCT area_code) AS areas,
    count(*) AS cells
FROM market_sales
UNION ALL
SELECT
    'market_stores',
    min(quarter),
    max(quarter),
    count(DISTINCT area_code),
    count(*)
FROM market_stores
UNION ALL
SELECT
    'market_footfall',
    min(quarter),
    max(quarter),
    count(DISTINCT area_code),
    count(*)
FROM market_footfall
