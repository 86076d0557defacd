-- Churn probability of one business at the newest month end and the one before; `state` says why there is none.
SELECT
    as_of,
    churn_3m,
    level,
    state
FROM churn_scores
WHERE
    business_id = $business_id
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY as_of DESC
LIMIT 2
