-- The reasons of a business, both models, what raises the probability most first.
SELECT
    model,
    reason,
    feature,
    contribution,
    value
FROM drivers
WHERE
    business_id = $business_id
    AND model IN ('default', 'churn')
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id = $manager_id
    )
ORDER BY model, rank
