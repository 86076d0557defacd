-- Products by number, and whether one business may be recommended them or only told of them.
SELECT
    catalogue.product_number,
    catalogue.product_id,
    catalogue.kind,
    CASE
        WHEN NOT catalogue.asks_record THEN 'not_needed'
        WHEN conditions.suitability_missing THEN 'record_missing'
        ELSE 'ready'
    END AS suitability
FROM advice_catalogue AS catalogue
JOIN advice_conditions AS conditions ON conditions.business_id = $business_id
ORDER BY catalogue.product_number
