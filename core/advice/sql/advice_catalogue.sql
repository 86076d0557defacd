-- Products as the engine sees them: which rules apply, at what rate and over how many months a loan is judged.
-- The worst rate that the catalogue gives; where it gives none, base rate plus the spread that policy.toml assumes.
WITH applied AS (
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
            ELSE greatest(coalesce(products.term_months_max, $revolving_months) - coalesce(products.grace_months, 0), 1)
        END AS judged_months
    FROM products
    CROSS JOIN (SELECT max(rate) AS base_rate FROM base_rate) AS base
)
SELECT
    CAST(row_number() OVER (ORDER BY priced.product_id) - 1 AS INTEGER) AS product_number,
    priced.*,
    coalesce(applied.block_bits, 0) AS block_bits,
    coalesce(applied.check_bits, 0) AS check_bits,
    coalesce(applied.record_bits, 0) AS record_bits,
    -- Won lent per won of instalment, at the rate and at the stressed rate (domain notes C.5).
    (1 - pow(1 + priced.rate / 12, -priced.judged_months)) / (priced.rate / 12) AS factor,
    (1 - pow(1 + (priced.rate + $rate_stress) / 12, -priced.judged_months)) / ((priced.rate + $rate_stress) / 12)
        AS factor_stressed,
    coalesce(priced.minimum_krw, $minimum_krw) AS smallest_krw
FROM priced
LEFT JOIN applied USING (product_id)
ORDER BY priced.product_id
