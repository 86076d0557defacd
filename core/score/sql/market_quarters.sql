-- One row per cell with sales in the quarter $quarter_index, with the columns that the score reads: sales of the last
-- eight quarters (r_00 newest, NULL absent) and ln of the seasonal index. Peers are the areas of the same industry.
-- Reads market_cells, market_season.
WITH quarters AS (
    SELECT
        cells.cell_id,
        cells.industry_code,
        cells.sales_krw,
        season.ln_si,
        $quarter_index - cells.quarter_index AS age
    FROM market_cells AS cells
    LEFT JOIN market_season AS season
        ON season.industry_code = cells.industry_code AND season.season = cells.quarter_index % 4
    WHERE cells.quarter_index <= $quarter_index AND cells.quarter_index > $quarter_index - 8
)
SELECT
    cell_id AS business_id,
    CAST($quarter_end AS DATE) AS as_of,
    industry_code AS category,
    '' AS region,
    'open' AS status,
    CAST(NULL AS INTEGER) AS days_past_due,
    max(sales_krw) FILTER (WHERE age = 0) AS r_00,
    max(sales_krw) FILTER (WHERE age = 1) AS r_01,
    max(sales_krw) FILTER (WHERE age = 2) AS r_02,
    max(sales_krw) FILTER (WHERE age = 3) AS r_03,
    max(sales_krw) FILTER (WHERE age = 4) AS r_04,
    max(sales_krw) FILTER (WHERE age = 5) AS r_05,
    max(sales_krw) FILTER (WHERE age = 6) AS r_06,
    max(sales_krw) FILTER (WHERE age = 7) AS r_07,
    max(ln_si) FILTER (WHERE age = 0) AS si_00,
    max(ln_si) FILTER (WHERE age = 1) AS si_01,
    max(ln_si) FILTER (WHERE age = 2) AS si_02,
    max(ln_si) FILTER (WHERE age = 3) AS si_03,
    max(ln_si) FILTER (WHERE age = 4) AS si_04,
    max(ln_si) FILTER (WHERE age = 5) AS si_05,
    max(ln_si) FILTER (WHERE age = 6) AS si_06,
    max(ln_si) FILTER (WHERE age = 7) AS si_07
FROM quarters
GROUP BY cell_id, industry_code
HAVING max(CASE WHEN age = 0 THEN 1 ELSE 0 END) = 1
