-- Each payment of payment_features with the share of its customer's favourite hour and what is known of fraud.
SELECT
    f.*,
    h.habit_most,
    p.fraud
FROM payment_features AS f
JOIN payment_habit AS h ON h.payment_id = f.payment_id
JOIN payments AS p ON p.payment_id = f.payment_id
ORDER BY f."at", f.payment_id
