-- The catalogue's names, and where and when they come from.
SELECT
    product_id,
    kind,
    name_ko,
    name_en,
    source,
    as_of,
    verified
FROM products
ORDER BY product_id
