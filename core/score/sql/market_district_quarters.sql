-- One row per district in the quarter $quarter_index, with the columns that the score reads. An earlier quarter counts
-- only the cells that exist in both quarters, scaled to the sales of all cells today: absent is not zero, and a new
-- cell in the file is no growth. Unknown where these cells have less than half of today's sales. si is the effect of
-- the seasonal adjustment of the cells on the district's sum. Reads market_cells, market_season.
WITH adjusted AS (
    SELECT
        cells.cell_id,
        cells.area_code,
        cells.district_code,
        cells.sales_krw,
        cells.sales_krw * exp(-coalesce(season.ln_si, 0)) AS adjusted_krw,
        $quarter_index - cells.quarter_index AS age
    FROM market_cells AS cells
    LEFT JOIN market_season AS season
        ON season.industry_code = cells.industry_code AND season.season = cells.quarter_index % 4
    WHERE
        cells.district_code IS NOT NULL
        AND cells.quarter_index <= $quarter_index
        AND cells.quarter_index > $quarter_index - 8
), today AS (
    SELECT
        cell_id,
        area_code,
        district_code,
        sales_krw,
        adjusted_krw
    FROM adjusted
    WHERE age = 0
), totals AS (
    SELECT
        district_code,
        sum(sales_krw) AS sales_krw,
        sum(adjusted_krw) AS adjusted_krw,
        count(DISTINCT area_code) AS areas,
        count(*) AS cells
    FROM today
    GROUP BY district_code
), pairs AS (
    SELECT
        today.district_code,
        past.age,
        sum(today.sales_krw) AS today_krw,
        sum(today.adjusted_krw) AS today_adjusted_krw,
        sum(past.sales_krw) AS past_krw,
        sum(past.adjusted_krw) AS past_adjusted_krw
    FROM today
    JOIN adjusted AS past ON past.cell_id = today.cell_id
    GROUP BY today.district_code, past.age
), series AS (
    SELECT
        totals.district_code,
        totals.areas,
        totals.cells,
        pairs.age,
        totals.sales_krw * pairs.past_krw / nullif(pairs.today_krw, 0) AS r,
        totals.adjusted_krw * pairs.past_adjusted_krw / nullif(pairs.today_adjusted_krw, 0) AS a
    FROM totals
    JOIN pairs ON pairs.district_code = totals.district_code
    WHERE pairs.today_krw >= 0.5 * totals.sales_krw AND pairs.past_krw > 0
)
SELECT
    district_code AS business_id,
    CAST($quarter_end AS DATE) AS as_of,
    'district' AS category,
    '' AS region,
    'open' AS status,
    CAST(NULL AS INTEGER) AS days_past_due,
    max(areas) AS areas,
    max(cells) AS cells,
    max(r) FILTER (WHERE age = 0) AS r_00,
    max(r) FILTER (WHERE age = 1) AS r_01,
    max(r) FILTER (WHERE age = 2) AS r_02,
    max(r) FILTER (WHERE age = 3) AS r_03,
    max(r) FILTER (WHERE age = 4) AS r_04,
    max(r) FILTER (WHERE age = 5) AS r_05,
    max(r) FILTER (WHERE age = 6) AS r_06,
    max(r) FILTER (WHERE age = 7) AS r_07,
    max(ln(r / a)) FILTER (WHERE age = 0) AS si_00,
    max(ln(r / a)) FILTER (WHERE age = 1) AS si_01,
    max(ln(r / a)) FILTER (WHERE age = 2) AS si_02,
    max(ln(r / a)) FILTER (WHERE age = 3) AS si_03,
    max(ln(r / a)) FILTER (WHERE age = 4) AS si_04,
    max(ln(r / a)) FILTER (WHERE age = 5) AS si_05,
    max(ln(r / a)) FILTER (WHERE age = 6) AS si_06,
    max(ln(r / a)) FILTER (WHERE age = 7) AS si_07
FROM series
GROUP BY district_code
