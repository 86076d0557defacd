-- The manager's work list, in its order, at most $rows businesses.
SELECT
    worklist.place,
    worklist.rule,
    worklist.business_id
FROM worklist
JOIN business_scores ON business_scores.business_id = worklist.business_id
WHERE
    worklist.manager_id = $manager_id AND business_scores.manager_id = $manager_id
    AND worklist.place IS NOT NULL
ORDER BY worklist.place, worklist.business_id
LIMIT $rows
