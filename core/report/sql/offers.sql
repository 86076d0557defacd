-- What the rules recommend for the business, relief first as ranked, one row a product.
SELECT
    recommendations.product_id,
    products.name_ko,
    products.name_en,
    recommendations.suitability
FROM recommendations
LEFT JOIN products ON products.product_id = recommendations.product_id
WHERE recommendations.business_id = $business_id AND recommendations.manager_id = $manager_id
ORDER BY recommendations.rank, recommendations.product_id
LIMIT 2
