-- One row per business and month.
SELECT
    rowid AS row_no,
    to_text(business_id) AS business_id,
    to_month(month) AS month,
    to_won(revenue_krw) AS revenue_krw,
    to_count(sales_count) AS sales_count,
    known_on(available_at, last_day(to_month(month))) AS available_on
FROM scratch.staged_rows
