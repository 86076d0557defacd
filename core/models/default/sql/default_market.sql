-- The street of each business in the newest city quarter published by $as_of: sales over a year, and shops that closed.
-- Sales over a year compare areas present in both quarters only, so a change of area codes cannot look like a boom.
WITH newest AS (
    SELECT max(quarter) AS quarter
    FROM market_sales
    WHERE is_known(available_on, $as_of)
), pairs AS (
    SELECT
        s.area_code,
        s.industry_code,
        s.category,
        CAST(s.sales_krw AS DOUBLE) AS sales_krw,
        CAST(o.sales_krw AS DOUBLE) AS sales_year_ago_krw
    FROM newest AS n
    JOIN market_sales AS s ON s.quarter = n.quarter
    JOIN market_sales AS o
        ON o.area_code = s.area_code AND o.industry_code = s.industry_code AND o.quarter = n.quarter - 10
    WHERE
        is_known(s.available_on, $as_of)
        AND is_known(o.available_on, $as_of)
        AND s.sales_krw > 0
        AND o.sales_krw > 0
), street AS (
    SELECT area_code, industry_code, sum(sales_krw) / sum(sales_year_ago_krw) AS ratio
    FROM pairs
    GROUP BY area_code, industry_code
), city AS (
    SELECT category, sum(sales_krw) / sum(sales_year_ago_krw) AS ratio
    FROM pairs
    GROUP BY category
), newest_stores AS (
    SELECT max(quarter) AS quarter
    FROM market_stores
    WHERE is_known(available_on, $as_of)
), shops AS (
    SELECT
        s.area_code,
        s.industry_code,
        sum(CAST(s.closed AS DOUBLE)) / nullif(sum(CAST(s.stores AS DOUBLE)), 0.0) AS closed_share
    FROM newest_stores AS n
    JOIN market_stores AS s ON s.quarter = n.quarter
    WHERE is_known(s.available_on, $as_of)
    GROUP BY s.area_code, s.industry_code
)
SELECT
    p.business_id,
    ln(coalesce(s.ratio, c.ratio)) AS market_change_yoy,
    h.closed_share AS market_closed_share
FROM feature_population AS p
LEFT JOIN street AS s ON s.area_code = p.trade_area_code AND s.industry_code = p.industry_code
LEFT JOIN city AS c ON c.category = p.category
LEFT JOIN shops AS h ON h.area_code = p.trade_area_code AND h.industry_code = p.industry_code
