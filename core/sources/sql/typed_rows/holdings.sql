-- One row per contract.
SELECT
    rowid AS row_no,
    to_text(holding_id) AS holding_id,
    to_text(business_id) AS business_id,
    to_text(product_id) AS product_id,
    to_day(opened_on) AS opened_on,
    to_later_day(ends_on) AS ends_on,
    to_day(closed_on) AS closed_on,
    known_on(available_at, to_day(opened_on)) AS available_on
FROM scratch.staged_rows
