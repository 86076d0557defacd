-- The payments of the newest $days days without the newest $until_days, in order of time, as the stream reads them.
WITH newest AS (
    SELECT max("at") AS "at" FROM payments
)
SELECT
    p.payment_id,
    p.customer_id,
    p.business_id,
    strftime(p."at", '%Y-%m-%dT%H:%M:%S.%f') AS "at",
    p.amount_krw,
    p.merchant_id,
    p.merchant_category,
    p.method,
    p.succeeded
FROM payments AS p
CROSS JOIN newest AS n
WHERE
    p."at" > n."at" - to_days(CAST($days AS INTEGER))
    AND p."at" <= n."at" - to_days(CAST($until_days AS INTEGER))
    AND p.amount_krw IS NOT NULL
    AND p.succeeded IS NOT NULL
ORDER BY p."at", p.payment_id
