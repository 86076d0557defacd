-- One row per product view, offer or answer.
SELECT
    rowid AS row_no,
    to_text(business_id) AS business_id,
    to_text(product_id) AS product_id,
    to_time("at") AS "at",
    to_choice(action) AS action,
    known_on(available_at, CAST(to_time("at") AS DATE)) AS available_on
FROM scratch.staged_rows
