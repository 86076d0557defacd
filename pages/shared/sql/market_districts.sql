-- The city's trade areas by district in the newest quarter: sales, growth on a year ago, mean score by sales.
-- The sum over the nine food industries (CS100000) counts only where the nine are not there themselves.
WITH newest AS (
    SELECT
        quarter,
        bool_or(industry_code LIKE 'CS10000_' AND industry_code <> 'CS100000') AS has_parts
    FROM market_scores
    WHERE quarter = (SELECT max(quarter) FROM market_scores)
    GROUP BY quarter
)
SELECT
    market_scores.district_code,
    max(market_scores.quarter) AS quarter,
    count(DISTINCT area_code) AS areas,
    sum(CAST(sales_krw AS DOUBLE)) AS sales_krw,
    -- growth of what was there in both years: sales now against sales then, added up
    sum(CAST(sales_krw AS DOUBLE)) FILTER (WHERE sales_yoy > -1)
    / nullif(sum(sales_krw / (1 + sales_yoy)) FILTER (WHERE sales_yoy > -1), 0) - 1 AS sales_yoy,
    sum(score * CAST(sales_krw AS DOUBLE))
    / nullif(sum(CAST(sales_krw AS DOUBLE)) FILTER (WHERE score IS NOT NULL), 0) AS score
FROM market_scores
JOIN newest ON newest.quarter = market_scores.quarter
WHERE
    NOT (has_parts AND industry_code = 'CS100000')
    AND ($category IS NULL OR category = $category)
GROUP BY market_scores.district_code
