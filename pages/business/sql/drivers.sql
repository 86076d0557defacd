-- One row per model and reason group, all of them, so that they add up to each model's probability.
SELECT
    model,
    reason,
    feature,
    contribution,
    value,
    peer_median,
    base,
    rank
FROM drivers
WHERE
    business_id = $business_id
    AND model IN ('default', 'churn')
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY model, rank
