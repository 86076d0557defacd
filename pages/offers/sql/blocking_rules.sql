-- The rules that exclude open businesses of the book from one product, most frequent first; several may exclude one.
WITH book AS (
    SELECT sum(businesses) AS businesses
    FROM advice_products
    WHERE manager_id IN $manager_ids AND product_id = $product_id
)
SELECT
    rule,
    CAST(sum(n) AS BIGINT) AS businesses,
    sum(n) / nullif(CAST(max(book.businesses) AS DOUBLE), 0) AS share
FROM advice_blocked
CROSS JOIN book
WHERE manager_id IN $manager_ids AND product_id = $product_id
GROUP BY rule
ORDER BY businesses DESC, rule
