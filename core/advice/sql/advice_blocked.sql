-- Per manager and product: open businesses that each rule excludes from it. Several rules may exclude the same one.
WITH sets AS (
    SELECT facts.manager_id, pairs.product_number, pairs.failed, count(*) AS n
    FROM advice_pairs AS pairs
    JOIN advice_facts AS facts USING (number)
    JOIN advice_conditions AS conditions USING (number)
    WHERE pairs.failed <> 0 AND NOT conditions.is_closed
    GROUP BY facts.manager_id, pairs.product_number, pairs.failed
)
SELECT
    sets.manager_id,
    catalogue.product_id,
    rules.code AS rule,
    CAST(sum(sets.n) AS BIGINT) AS n
FROM sets
JOIN advice_catalogue AS catalogue USING (product_number)
JOIN advice_rules AS rules ON (sets.failed & rules.bit) <> 0
GROUP BY sets.manager_id, catalogue.product_id, rules.code
ORDER BY sets.manager_id, catalogue.product_id, n DESC, rules.code
