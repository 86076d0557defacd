-- Payments of payment_features from $first_at on, of the customers below the hash $last_slice, with the share of the
-- customer's favourite hour and what is known of fraud.
SELECT
    f.*,
    h.habit_most,
    p.fraud
FROM payment_features AS f
JOIN payment_habit AS h ON h.payment_id = f.payment_id
JOIN payments AS p ON p.payment_id = f.payment_id
WHERE f."at" >= $first_at AND substr(md5(f.customer_id), 1, 3) < $last_slice
ORDER BY f."at", f.payment_id
