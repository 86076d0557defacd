-- Sales of every trade area x industry x quarter, of one generation: the newest that the area file contains, or the
-- newest of all without an area file. A generation is one map of the city's trade areas; generations are never mixed.
-- Reads market_sales, market_areas.
WITH generations AS (
    SELECT
        sales.generation,
        max(CASE WHEN areas.generation IS NULL THEN 0 ELSE 1 END) AS is_mapped
    FROM (SELECT DISTINCT generation FROM market_sales) AS sales
    LEFT JOIN (SELECT DISTINCT generation FROM market_areas) AS areas ON areas.generation = sales.generation
    GROUP BY sales.generation
), ranked AS (
    SELECT
        generation,
        row_number() OVER (ORDER BY is_mapped DESC NULLS LAST, generation DESC NULLS LAST) AS place
    FROM generations
), places AS (
    -- Several area files may contain the same area.
    SELECT
        area_code,
        generation,
        max(district_code) AS district_code
    FROM market_areas
    GROUP BY area_code, generation
)
SELECT
    concat(sales.area_code, '|', sales.industry_code) AS cell_id,
    sales.area_code,
    areas.district_code,
    sales.industry_code,
    sales.category,
    sales.quarter,
    CAST(floor(sales.quarter / 10) AS INTEGER) * 4 + sales.quarter % 10 - 1 AS quarter_index,
    CAST(sales.sales_krw AS DOUBLE) AS sales_krw,
    sales.available_on
FROM market_sales AS sales
JOIN ranked ON ranked.generation = sales.generation AND ranked.place = 1
LEFT JOIN places AS areas ON areas.area_code = sales.area_code AND areas.generation = sales.generation
WHERE sales.sales_krw IS NOT NULL
