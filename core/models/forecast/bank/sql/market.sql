-- The market of each business as the city had published it on $as_of: log change of the sales of its trade area and of
-- its category over a year and over a quarter, and of the footfall over a year. The category's change is of areas with
-- sales in both quarters. NULL where the city does not report the area.
WITH newest AS (
    SELECT
        max(quarter) AS quarter,
        max(quarter) - CASE WHEN max(quarter) % 10 = 1 THEN 7 ELSE 1 END AS quarter_before
    FROM market_sales
    WHERE is_known(available_on, $as_of)
), known AS (
    SELECT area_code, industry_code, category, quarter, CAST(sales_krw AS DOUBLE) AS sales_krw
    FROM market_sales
    WHERE is_known(available_on, $as_of) AND sales_krw > 0
), pairs AS (
    SELECT s.area_code, s.industry_code, s.category, s.sales_krw, y.sales_krw AS year_ago_krw, q.sales_krw AS before_krw
    FROM newest AS n
    JOIN known AS s ON s.quarter = n.quarter
    LEFT JOIN known AS y
        ON y.area_code = s.area_code AND y.industry_code = s.industry_code AND y.quarter = n.quarter - 10
    LEFT JOIN known AS q
        ON q.area_code = s.area_code AND q.industry_code = s.industry_code AND q.quarter = n.quarter_before
), street AS (
    SELECT
        area_code,
        industry_code,
        ln(max(sales_krw) / max(year_ago_krw)) AS year_change,
        ln(max(sales_krw) / max(before_krw)) AS quarter_change
    FROM pairs
    GROUP BY area_code, industry_code
), city AS (
    SELECT
        category,
        ln(sum(CASE WHEN year_ago_krw IS NOT NULL THEN sales_krw END) / nullif(sum(year_ago_krw), 0.0)) AS year_change,
        ln(sum(CASE WHEN before_krw IS NOT NULL THEN sales_krw END) / nullif(sum(before_krw), 0.0)) AS quarter_change
    FROM pairs
    GROUP BY category
), counted AS (
    SELECT area_code, quarter, CAST(max(people) AS DOUBLE) AS people
    FROM market_footfall
    WHERE is_known(available_on, $as_of) AND people > 0
    GROUP BY area_code, quarter
), newest_count AS (
    SELECT max(quarter) AS quarter
    FROM counted
), passing AS (
    SELECT c.area_code, ln(c.people / y.people) AS year_change
    FROM newest_count AS n
    JOIN counted AS c ON c.quarter = n.quarter
    JOIN counted AS y ON y.area_code = c.area_code AND y.quarter = n.quarter - 10
)
SELECT
    b.business_id,
    s.year_change AS street_change_yoy,
    s.quarter_change AS street_change_qoq,
    c.year_change AS city_change_yoy,
    c.quarter_change AS city_change_qoq,
    p.year_change AS footfall_change_yoy
FROM businesses AS b
LEFT JOIN street AS s ON s.area_code = b.trade_area_code AND s.industry_code = b.industry_code
LEFT JOIN city AS c ON c.category = b.category
LEFT JOIN passing AS p ON p.area_code = b.trade_area_code
WHERE
    substr(md5(b.business_id), 1, 3) >= $first_slice
    AND substr(md5(b.business_id), 1, 3) < $last_slice
ORDER BY b.business_id
