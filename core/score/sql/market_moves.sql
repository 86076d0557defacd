-- How far a quarter's sales stand from the median of the four quarters around it, in logarithms: the median over the
-- areas of an industry, for the seasonal index. Only where all four quarters are there. Reads market_cells.
WITH around AS (
    SELECT
        industry_code,
        quarter_index,
        ln(sales_krw) AS here,
        lag(ln(sales_krw), 1) OVER life AS before_1,
        lag(ln(sales_krw), 2) OVER life AS before_2,
        lead(ln(sales_krw), 1) OVER life AS after_1,
        lag(quarter_index, 2) OVER life AS first_index,
        lead(quarter_index, 1) OVER life AS last_index
    FROM market_cells
    WHERE sales_krw > 0
    WINDOW life AS (PARTITION BY cell_id ORDER BY quarter_index NULLS LAST)
)
SELECT
    industry_code,
    quarter_index,
    median(
        here - (
            here + before_1 + before_2 + after_1
            - greatest(here, before_1, before_2, after_1) - least(here, before_1, before_2, after_1)
        ) / 2
    ) AS deviation
FROM around
WHERE last_index - first_index = 3
GROUP BY industry_code, quarter_index
