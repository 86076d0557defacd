-- Per business: the service that its tier asks for, products that no rule forbids, products recommended, and whether it
-- needs none.
SELECT
    facts.business_id,
    facts.manager_id,
    CASE facts.tier
        WHEN 1 THEN 'emergency_loan'
        WHEN 2 THEN 'stabilisation'
        WHEN 3 THEN 'monitoring'
        WHEN 4 THEN 'growth_investment'
        WHEN 5 THEN 'premium_investment'
    END AS service,
    coalesce(listed.n, 0) = 0 AS nothing_needed,
    coalesce(listed.n, 0) AS recommended,
    allowed.n AS allowed,
    coalesce(listed.cold, FALSE) AS cold
FROM advice_facts AS facts
JOIN advice_conditions AS conditions USING (number)
JOIN (
    SELECT number, count(*) FILTER (WHERE failed = 0) AS n FROM advice_pairs GROUP BY number
) AS allowed USING (number)
LEFT JOIN (
    SELECT number, count(*) AS n, bool_or(cold) AS cold FROM advice_listed GROUP BY number
) AS listed USING (number)
WHERE NOT conditions.is_closed
ORDER BY facts.manager_id, facts.business_id
