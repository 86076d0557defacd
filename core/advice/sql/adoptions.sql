-- The first day on which each business took each product, by a contract or by accepting an offer, as known at $as_of.
SELECT
    facts.number AS user_id,
    catalogue.product_number AS item_id,
    min(taken.taken_on) AS first_on
FROM (
    SELECT business_id, product_id, opened_on AS taken_on
    FROM holdings
    WHERE opened_on <= $as_of AND is_known(available_on, $as_of)
    UNION ALL
    SELECT business_id, product_id, CAST("at" AS DATE)
    FROM interactions
    WHERE action = 'accepted' AND "at" < CAST($as_of AS DATE) + INTERVAL 1 DAY AND is_known(available_on, $as_of)
) AS taken
JOIN advice_facts AS facts USING (business_id)
JOIN advice_catalogue AS catalogue USING (product_id)
GROUP BY facts.number, catalogue.product_number
ORDER BY facts.number, catalogue.product_number
