-- What the rules recommend for the business, relief first as ranked, one row a product.
SELECT
    product_id,
    suitability
FROM recommendations
WHERE business_id = $business_id AND manager_id = $manager_id
ORDER BY rank, product_id
LIMIT 2
