-- One row per dong, industry and quarter.
SELECT
    staged_rows.rowid AS row_no,
    to_text(staged_rows.dong_code) AS dong_code,
    industry_codes.industry_code,
    industry_codes.category,
    to_quarter(staged_rows.quarter) AS quarter,
    to_won(staged_rows.sales_krw) AS sales_krw,
    to_count(staged_rows.sales_count) AS sales_count,
    known_on(staged_rows.available_at, quarter_end(to_quarter(staged_rows.quarter))) AS available_on
FROM scratch.staged_rows
LEFT JOIN scratch.industry_codes ON industry_codes.code = to_text(staged_rows.industry_code)
