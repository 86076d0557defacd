-- Per manager and product: open businesses, those that no rule excludes, those that it is recommended to.
SELECT
    facts.manager_id,
    catalogue.product_id,
    count(*) AS businesses,
    count(*) FILTER (WHERE pairs.failed = 0) AS eligible,
    count(listed.rank) AS recommended
FROM advice_pairs AS pairs
JOIN advice_facts AS facts USING (number)
JOIN advice_conditions AS conditions USING (number)
JOIN advice_catalogue AS catalogue USING (product_number)
LEFT JOIN advice_listed AS listed USING (number, product_number)
WHERE NOT conditions.is_closed
GROUP BY facts.manager_id, catalogue.product_id
ORDER BY facts.manager_id, catalogue.product_id
