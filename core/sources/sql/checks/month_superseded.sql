-- Shops by month: of a quarter's months the last one counts.
SELECT row_no, 'year_month' AS column_name, year_month AS value, 'month_superseded' AS code, 'row' AS action
FROM (
    SELECT
        typed.row_no, staged.year_month,
        max(staged.year_month) OVER (PARTITION BY typed.area_code, typed.industry_code, typed.quarter) AS last_month
    FROM scratch.staged_rows AS staged
    JOIN scratch.typed_rows AS typed ON typed.row_no = staged.rowid
    WHERE staged.year IS NULL AND regexp_full_match(staged.year_month, '\d{6}')
)
WHERE year_month < last_month
