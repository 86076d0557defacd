-- Features of the managers' open businesses, for a division that the reader tries.
SELECT
    business_scores.name,
    business_scores.tier,
    business_scores.score,
    business_scores.district_code,
    segment_inputs.*
FROM business_scores
JOIN segment_inputs USING (business_id)
WHERE business_scores.manager_id IN $manager_ids AND segment_inputs.state = 'OPEN'
ORDER BY hash(business_scores.business_id), business_scores.business_id
