-- Products by the number that the pairs have.
SELECT product_number, product_id, kind
FROM advice_catalogue
ORDER BY product_number
