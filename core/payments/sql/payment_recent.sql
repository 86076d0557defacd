-- The payments of the newest month and of the same month a year before, for who watches for drift; kept until then.
WITH newest AS (
    SELECT date_trunc('month', max("at")) AS month
    FROM payment_features
)
SELECT
    p.*,
    date_trunc('month', p."at") = n.month AS is_newest
FROM payment_features AS p
CROSS JOIN newest AS n
WHERE date_trunc('month', p."at") IN (n.month, n.month - INTERVAL 12 MONTH)
