-- Businesses of the managers by segment, tier and district; without a segment: the state that says why.
SELECT
    segments.segment,
    segments.state,
    business_scores.tier,
    business_scores.district_code,
    count(*) AS businesses
FROM business_scores
JOIN segments USING (business_id)
WHERE business_scores.manager_id IN $manager_ids AND segments.view = $view
GROUP BY ALL
ORDER BY ALL
