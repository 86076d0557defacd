-- One product by groups of the open businesses: their number, and the number and share that get the recommendation.
SELECT
    CASE $by
        WHEN 'segment' THEN scores.segment
        WHEN 'tier' THEN CAST(scores.tier AS VARCHAR)
        WHEN 'category' THEN scores.category
        WHEN 'district' THEN scores.district_code
    END AS code,
    count(*) AS businesses,
    count(offered.product_id) AS recommended,
    count(offered.product_id) / CAST(count(*) AS DOUBLE) AS share
FROM business_scores AS scores
LEFT JOIN recommendations AS offered
    ON offered.business_id = scores.business_id AND offered.product_id = $product_id
WHERE scores.manager_id IN $manager_ids AND scores.state <> 'CLOSED'
GROUP BY code
ORDER BY code NULLS LAST
