-- One row per loan.
SELECT
    rowid AS row_no,
    to_text(loan_id) AS loan_id,
    to_text(business_id) AS business_id,
    to_text(product_id) AS product_id,
    to_won(principal_krw) AS principal_krw,
    to_rate(annual_rate) AS annual_rate,
    to_day(opened_on) AS opened_on,
    to_later_day(matures_on) AS matures_on,
    to_text(repayment) AS repayment,
    to_day(closed_on) AS closed_on,
    known_on(available_at, to_day(opened_on)) AS available_on
FROM scratch.staged_rows
