-- Numbers of businesses of the managers by segment, tier and district; `state` says why some have no segment.
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
