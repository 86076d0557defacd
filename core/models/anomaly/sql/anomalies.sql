-- Percentile on the frozen reference of every business known at $as_of, or the state that says why there is none.
-- Reads businesses, anomaly_scores.
SELECT
    b.business_id,
    CAST($as_of AS DATE) AS as_of,
    s.anomaly_pct,
    s.raw,
    CASE
        WHEN b.status = 'closed' AND b.status_on <= $as_of THEN 'CLOSED'
        WHEN NOT $has_model THEN 'NO_MODEL'
        WHEN s.raw IS NULL THEN 'SHORT'
        WHEN s.unknown > 0 THEN 'PARTIAL'
        ELSE 'OK'
    END AS state
FROM businesses AS b
LEFT JOIN anomaly_scores AS s ON s.business_id = b.business_id
WHERE is_known(b.available_on, $as_of)
ORDER BY b.business_id
