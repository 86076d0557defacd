-- Shops by month: of a quarter's months the last one counts.
SELECT row_no, 'year_month' AS column_name, year_month AS value, 'month_superseded' AS code, 'row' AS action
FROM (
    SELECT
        typed.row_no, stage.year_month,
        max(stage.year_month) OVER (PARTITION BY typed.area_code, typed.industry_code, typed.quarter) AS last_month
    FROM scratch.stage
    JOIN scratch.typed ON typed.row_no = stage.rowid
    WHERE stage.year IS NULL AND regexp_full_match(stage.year_month, '\d{6}')
)
WHERE year_month < last_month
