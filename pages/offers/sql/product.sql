-- The terms of one product in the catalogue, with their source and its day.
SELECT
    kind,
    rate_min,
    rate_max,
    rate_source,
    rate_as_of,
    term_months_min,
    term_months_max,
    limit_krw,
    limit_per,
    condition_ko,
    condition_en,
    note_ko,
    note_en,
    source,
    CASE
        WHEN rate_source = 'finlife' THEN 'finlife'
        WHEN contains(source, 'third') THEN 'third'
        WHEN contains(source, 'memory') THEN 'memory'
        WHEN contains(source, 'design') THEN 'design'
        ELSE 'other'
    END AS origin,
    as_of,
    verified
FROM products
WHERE product_id = $product_id
