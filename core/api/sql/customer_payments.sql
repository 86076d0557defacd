-- The payments of some customers, one customer after the other, in the order they happened.
SELECT
    payment_id,
    customer_id,
    epoch_us("at") AS "at",
    amount_krw,
    merchant_id,
    merchant_category,
    method,
    1 - succeeded AS failed,
    business_id
FROM payments
WHERE customer_id IN (SELECT unnest($customer_ids)) AND amount_krw IS NOT NULL AND succeeded IS NOT NULL
ORDER BY customer_id, "at", payment_id
