-- The chance of leaving at the newest as_of and the one before, newest first, with the reason where there is none.
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
