-- What the business holds at the as-of: loans first, the largest first, one row a product.
WITH chosen AS (
    SELECT
        business_id,
        as_of
    FROM business_scores
    WHERE business_id = $business_id AND manager_id = $manager_id
), held AS (
    SELECT
        open_loans.product_id,
        1 AS is_loan,
        open_loans.principal_krw
    FROM open_loans
    JOIN chosen USING (business_id)
    WHERE open_loans.business_id = $business_id
    UNION ALL
    SELECT
        holdings.product_id,
        0 AS is_loan,
        0 AS principal_krw
    FROM holdings
    JOIN chosen USING (business_id)
    WHERE
        holdings.business_id = $business_id
        AND holdings.opened_on <= chosen.as_of
        AND is_known(holdings.available_on, chosen.as_of)
        AND coalesce(holdings.closed_on, DATE '9999-12-31') > chosen.as_of
)
SELECT
    product_id,
    max(is_loan) AS is_loan
FROM held
WHERE product_id IS NOT NULL
GROUP BY product_id
ORDER BY max(is_loan) DESC, max(principal_krw) DESC, product_id
