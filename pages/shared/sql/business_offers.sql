-- What is recommended to the business, in its order, with its reasons and what has to be confirmed first.
SELECT
    recommendations.rank,
    recommendations.product_id,
    recommendations.kind,
    recommendations.expected_value_krw,
    recommendations.amount_krw,
    recommendations.acceptance,
    recommendations.reasons,
    recommendations.confirm,
    recommendations.suitability,
    recommendations.is_relief
FROM recommendations
WHERE recommendations.business_id = $business_id AND recommendations.manager_id IN $manager_ids
ORDER BY recommendations.rank
