-- The list of every business, a row a product, with the reasons as codes in a fixed order: relief_first,
-- need_<purpose>, similar_took or popular_in_category, worth_it.
SELECT
    facts.business_id,
    facts.manager_id,
    listed.rank,
    catalogue.product_id,
    catalogue.kind,
    CAST(round(listed.expected_value_krw) AS BIGINT) AS expected_value_krw,
    CAST(round(pairs.amount_krw) AS BIGINT) AS amount_krw,
    listed.acceptance,
    list_filter(
        [
            CASE WHEN listed.is_relief THEN 'relief_first' END,
            'need_' || catalogue.purpose,
            CASE
                WHEN listed.cf >= 0.7 THEN CASE WHEN listed.cold THEN 'popular_in_category' ELSE 'similar_took' END
            END,
            CASE WHEN listed.ev >= 0.3 THEN 'worth_it' END
        ],
        LAMBDA reason: reason IS NOT NULL
    ) AS reasons,
    coalesce(confirm.codes, []) AS confirm,
    listed.need,
    listed.cf,
    listed.ev,
    listed.score,
    pairs.suitability,
    advice_services.service,
    listed.is_relief,
    listed.cold
FROM advice_listed AS listed
JOIN advice_facts AS facts USING (number)
JOIN advice_catalogue AS catalogue USING (product_number)
JOIN advice_pairs AS pairs USING (number, product_number)
LEFT JOIN advice_services ON advice_services.business_id = facts.business_id
LEFT JOIN (
    SELECT sets.checks, list(rules.code ORDER BY rules.bit) AS codes
    FROM (SELECT DISTINCT checks FROM advice_pairs) AS sets
    JOIN advice_rules AS rules ON (sets.checks & rules.bit) <> 0
    GROUP BY sets.checks
) AS confirm ON confirm.checks = pairs.checks
ORDER BY facts.manager_id, facts.business_id, listed.rank
