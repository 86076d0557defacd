-- One row per card payment.
SELECT
    rowid AS row_no,
    to_text(payment_id) AS payment_id,
    to_text(customer_id) AS customer_id,
    to_text(business_id) AS business_id,
    to_time("at") AS "at",
    to_won(amount_krw) AS amount_krw,
    to_text(merchant_id) AS merchant_id,
    to_text(merchant_category) AS merchant_category,
    to_text(method) AS method,
    to_flag(succeeded) AS succeeded,
    to_flag(fraud) AS fraud,
    known_on(available_at, CAST(to_time("at") AS DATE)) AS available_on
FROM scratch.staged_rows
