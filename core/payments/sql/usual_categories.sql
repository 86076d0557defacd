-- What a payment of each category usually is in the newest $months months and the one after, from the months before
-- each.
WITH asked AS (
    SELECT DISTINCT month FROM payment_events
    UNION
    SELECT max(month) + INTERVAL 1 MONTH FROM payment_events
), targets AS (
    SELECT month FROM asked ORDER BY month DESC LIMIT CAST($months AS INTEGER) + 1
)
SELECT
    strftime(t.month, '%Y-%m') AS month,
    e.merchant_category,
    avg(e.ln_amount) AS ln_mean
FROM targets AS t
JOIN payment_events AS e ON e.month < t.month
WHERE e.merchant_category IS NOT NULL
GROUP BY t.month, e.merchant_category
