-- One row per reason group of the default model, all of them, so that they add up to the probability.
SELECT
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
    AND model = 'default'
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY rank
