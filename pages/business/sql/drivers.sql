-- All reason groups of both models: with the base, their contributions add up to the log-odds of each probability.
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
