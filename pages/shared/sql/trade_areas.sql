-- Trade areas of a district in the newest quarter, largest sales first, with their three largest industries.
-- The sum over the nine food industries (CS100000) counts only where the nine are not there themselves.
WITH newest AS (
    SELECT
        quarter,
        bool_or(industry_code LIKE 'CS10000_' AND industry_code <> 'CS100000') AS has_parts
    FROM market_scores
    WHERE quarter = (SELECT max(quarter) FROM market_scores)
    GROUP BY quarter
), sales AS (
    SELECT
        area_code,
        max(market_scores.quarter) AS quarter,
        sum(CAST(sales_krw AS DOUBLE)) AS sales_krw,
        sum(CAST(sales_krw AS DOUBLE)) FILTER (WHERE sales_yoy > -1)
        / nullif(sum(sales_krw / (1 + sales_yoy)) FILTER (WHERE sales_yoy > -1), 0) - 1 AS sales_yoy,
        sum(score * CAST(sales_krw AS DOUBLE))
        / nullif(sum(CAST(sales_krw AS DOUBLE)) FILTER (WHERE score IS NOT NULL), 0) AS score,
        list(industry_code ORDER BY sales_krw DESC)[:3] AS industries
    FROM market_scores
    JOIN newest ON newest.quarter = market_scores.quarter
    WHERE
        district_code = $district
        AND NOT (has_parts AND industry_code = 'CS100000')
        AND ($category IS NULL OR category = $category)
    GROUP BY area_code
), areas AS (
    -- one name an area, also where two files of the city name it
    SELECT
        area_code,
        max(name) AS name,
        max(area_type) AS area_type
    FROM market_areas
    GROUP BY area_code
)
SELECT
    sales.*,
    coalesce(areas.name, sales.area_code) AS name,
    areas.area_type
FROM sales
LEFT JOIN areas USING (area_code)
ORDER BY sales_krw DESC
