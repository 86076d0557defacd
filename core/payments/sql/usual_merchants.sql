-- What a payment at each merchant usually is in the newest $months months and the next, from the months before each.
-- The same as payment_usual.sql, for merchants that need not have a payment in the month asked for.
WITH asked AS (
    SELECT DISTINCT month FROM payment_events
    UNION
    SELECT max(month) + INTERVAL 1 MONTH FROM payment_events
), targets AS (
    SELECT month FROM asked ORDER BY month DESC LIMIT CAST($months AS INTEGER) + 1
), by_merchant AS (
    SELECT
        t.month,
        e.merchant_id,
        min(e.merchant_category) AS merchant_category,
        sum(e.ln_amount) AS ln_sum,
        count(*) AS n
    FROM targets AS t
    JOIN payment_events AS e ON e.month < t.month
    GROUP BY t.month, e.merchant_id
), by_category AS (
    SELECT
        t.month,
        e.merchant_category,
        avg(e.ln_amount) AS ln_mean
    FROM targets AS t
    JOIN payment_events AS e ON e.month < t.month
    GROUP BY t.month, e.merchant_category
)
SELECT
    strftime(m.month, '%Y-%m') AS month,
    m.merchant_id,
    (m.ln_sum + 5.0 * c.ln_mean) / (m.n + 5.0) AS ln_usual
FROM by_merchant AS m
JOIN by_category AS c ON c.month = m.month AND c.merchant_category = m.merchant_category
