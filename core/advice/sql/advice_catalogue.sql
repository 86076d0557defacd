-- Products as the rules need them: which rules apply, at what rate and over how many months a loan is sized.
-- The highest rate that the catalogue gives; where it gives none, base rate plus the spread that policy.toml assumes.
WITH rule_sets AS (
    SELECT
        products.product_id,
        bit_or(rules.bit) FILTER (WHERE rules.effect = 'block') AS block_bits,
        bit_or(rules.bit) FILTER (WHERE rules.effect = 'check') AS check_bits,
        bit_or(rules.bit) FILTER (WHERE rules.effect = 'information') AS record_bits
    FROM products
    JOIN advice_rules AS rules
        ON (
            rules.applies_to = '*'
            OR list_has_any(string_split(rules.applies_to, '|'), [products.kind, products.product_id])
        )
        AND NOT list_contains(string_split(coalesce(rules.except, ''), '|'), products.product_id)
    GROUP BY products.product_id
), priced AS (
    SELECT
        products.*,
        base.base_rate,
        products.kind IN ('loan', 'guarantee', 'policy') AS is_credit,
        coalesce(
            products.rate_max,
            CASE
                WHEN products.rate_basis = 'base_rate' THEN base.base_rate + products.spread_max
                WHEN products.kind = 'policy' THEN base.base_rate + $policy_fund_spread
                WHEN products.kind IN ('loan', 'guarantee') THEN base.base_rate + $unknown_spread
                ELSE base.base_rate
            END
        ) AS rate,
        coalesce(
            (products.rate_min + products.rate_max) / 2,
            base.base_rate + (products.spread_min + products.spread_max) / 2
        ) AS rate_middle,
        CASE
            WHEN products.repayment = 'revolving' THEN $revolving_months
            ELSE greatest(
                coalesce(products.term_months_max, $default_term_months) - coalesce(products.grace_months, 0), 1
            )
        END AS judged_months
    FROM products
    CROSS JOIN (SELECT max(rate) AS base_rate FROM base_rate) AS base
)
SELECT
    CAST(row_number() OVER (ORDER BY priced.product_id) - 1 AS INTEGER) AS product_number,
    priced.*,
    coalesce(rule_sets.block_bits, 0) AS block_bits,
    coalesce(rule_sets.check_bits, 0) AS check_bits,
    coalesce(rule_sets.record_bits, 0) AS record_bits,
    annuity_factor(priced.rate, priced.judged_months) AS factor,
    annuity_factor(priced.rate + $rate_stress, priced.judged_months) AS factor_stressed,
    coalesce(priced.minimum_krw, $minimum_krw) AS smallest_krw
FROM priced
LEFT JOIN rule_sets USING (product_id)
ORDER BY priced.product_id
