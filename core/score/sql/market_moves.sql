-- Log deviation of a quarter's sales from the median of the four quarters around it: median over the areas of an
-- industry, for the seasonal index. Only where all four quarters are known. Reads market_cells.
WITH around AS (
    SELECT
        industry_code,
        quarter_index,
        ln(sales_krw) AS current,
        lag(ln(sales_krw), 1) OVER cell AS before_1,
        lag(ln(sales_krw), 2) OVER cell AS before_2,
        lead(ln(sales_krw), 1) OVER cell AS after_1,
        lag(quarter_index, 2) OVER cell AS first_index,
        lead(quarter_index, 1) OVER cell AS last_index
    FROM market_cells
    WHERE sales_krw > 0
    WINDOW cell AS (PARTITION BY cell_id ORDER BY quarter_index NULLS LAST)
)
SELECT
    industry_code,
    quarter_index,
    median(
        current - (
            current + before_1 + before_2 + after_1
            - greatest(current, before_1, before_2, after_1) - least(current, before_1, before_2, after_1)
        ) / 2
    ) AS deviation
FROM around
WHERE last_index - first_index = 3
GROUP BY industry_code, quarter_index
