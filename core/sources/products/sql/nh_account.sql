-- Money in, out and spent by card in each month, newest first. Reads moves and uses of one customer.
WITH amounts AS (
    SELECT
        CAST(day AS DATE) AS day,
        CASE WHEN amount_krw > 0 THEN amount_krw ELSE 0 END AS in_krw,
        CASE WHEN amount_krw < 0 THEN -amount_krw ELSE 0 END AS out_krw,
        0 AS card_krw
    FROM moves
    WHERE NOT is_cancelled
    UNION ALL
    SELECT CAST(day AS DATE), 0, 0, amount_krw
    FROM uses
    WHERE NOT is_cancelled
)
SELECT
    CAST(date_trunc('month', day) AS DATE) AS month,
    CAST(sum(in_krw) AS BIGINT) AS in_krw,
    CAST(sum(out_krw) AS BIGINT) AS out_krw,
    CAST(sum(card_krw) AS BIGINT) AS card_krw
FROM amounts
GROUP BY month
ORDER BY month DESC
