-- Businesses of the managers in the scatter of a view: the same sample of at most $rows each time.
SELECT
    business_scores.business_id,
    business_scores.name,
    business_scores.tier,
    business_scores.score,
    segments.segment,
    segments.x,
    segments.y
FROM business_scores
JOIN segments USING (business_id)
WHERE business_scores.manager_id IN $manager_ids AND segments.view = $view AND segments.segment IS NOT NULL
ORDER BY hash(business_scores.business_id), business_scores.business_id
LIMIT $rows
