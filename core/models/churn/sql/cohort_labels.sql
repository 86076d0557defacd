-- What became of the active customers at $as_of: who left in the three months that begin one month later, and why.
-- Who leaves within that first month cannot be warned of in time, and who is leaving already is no news: both are left
-- out. A business that closes is a competing end of its own, never a leaver.
WITH next_spell AS (
    SELECT s.business_id, min_by(s.cause, s.month) AS cause, min(s.month) AS month
    FROM churn_spells AS s
    WHERE
        NOT s.is_closing
        AND s.month > CAST($as_of AS DATE)
    GROUP BY s.business_id
), away AS (
    SELECT DISTINCT business_id
    FROM churn_spells
    WHERE
        NOT is_closing
        AND month <= CAST($as_of AS DATE)
        AND (back_month IS NULL OR back_month > CAST($as_of AS DATE))
)
SELECT
    p.business_id,
    CASE
        WHEN a.business_id IS NOT NULL THEN 'leaving_already'
        WHEN n.month <= CAST($gap_end AS DATE) THEN 'left_in_gap'
        WHEN n.month <= CAST($window_end AS DATE) THEN 'churned'
        WHEN b.status = 'closed' AND b.status_on <= CAST($window_end AS DATE) THEN 'business_closed'
        ELSE 'stayed'
    END AS outcome,
    CASE WHEN n.month > CAST($gap_end AS DATE) AND n.month <= CAST($window_end AS DATE) THEN n.cause END AS cause
FROM churn_population AS p
JOIN businesses AS b ON b.business_id = p.business_id
LEFT JOIN next_spell AS n ON n.business_id = p.business_id
LEFT JOIN away AS a ON a.business_id = p.business_id
WHERE p.state = 'OK'
