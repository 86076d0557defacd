-- Each leaving once: signs that overlap are one spell, which begins with the first of them and lasts until the customer
-- is back. Whoever falls silent also stops sending sales, so the first sign is common to all; the cause is the most
-- complete one seen in the first three months: products closed, then silence, then the deposit gone, then sales alone.
-- A business that closes within three months is winding up, not leaving: `is_closing`, the competing end.
WITH ordered AS (
    SELECT
        *,
        max(coalesce(back_month, DATE '9999-01-01')) OVER (
            PARTITION BY business_id ORDER BY month, grade ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS away_until
    FROM churn_signs
), numbered AS (
    SELECT
        *,
        sum(CASE WHEN away_until IS NULL OR month > away_until THEN 1 ELSE 0 END)
            OVER (PARTITION BY business_id ORDER BY month, grade ROWS UNBOUNDED PRECEDING) AS spell
    FROM ordered
), begun AS (
    SELECT *, min(month) OVER (PARTITION BY business_id, spell) AS first_month
    FROM numbered
)
SELECT
    business_id,
    first_month AS month,
    min_by(cause, grade) FILTER (WHERE month <= first_month + INTERVAL 3 MONTH) AS cause,
    min(known_on) AS known_on,
    coalesce(max(gone_on) <= last_day(first_month + INTERVAL 3 MONTH), FALSE) AS is_closing,
    CASE WHEN count(*) = count(back_month) THEN max(back_month) END AS back_month
FROM begun
GROUP BY business_id, spell, first_month
