-- The anomaly rank of one business with a row per reason; one row without a reason where none stands out.
SELECT
    anomalies.as_of,
    anomalies.state,
    anomalies.anomaly_pct,
    anomaly_reasons.rank,
    anomaly_reasons.feature,
    anomaly_reasons.value,
    anomaly_reasons.peer_median,
    anomaly_reasons.share
FROM anomalies
LEFT JOIN anomaly_reasons ON anomaly_reasons.business_id = anomalies.business_id
WHERE
    anomalies.business_id = $business_id
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_scores.business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY anomalies.as_of DESC, anomaly_reasons.rank
