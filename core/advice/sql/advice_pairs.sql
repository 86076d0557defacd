-- Every business with every product: bits of the rules that forbid it and of those to confirm, the suitability record,
-- the need (0 to 1), the amount, and the worth to the customer in a year. Of one business, or with NULL of all.
-- Reads advice_facts, advice_conditions, advice_rules, advice_catalogue; parameters are decisions of policy.toml.
WITH held_conditions AS (
    UNPIVOT (
        SELECT * EXCLUDE (business_id) FROM advice_conditions
        WHERE $business_id IS NULL OR business_id = $business_id
    )
    ON COLUMNS(* EXCLUDE (number)) INTO NAME condition VALUE holds
), business_bits AS (
    SELECT held_conditions.number, bit_or(rules.bit) AS bits
    FROM held_conditions
    JOIN advice_rules AS rules USING (condition)
    WHERE held_conditions.holds
    GROUP BY held_conditions.number
), product_bits AS (
    -- The rules whose condition compares a business with a limit of the product.
    SELECT
        max(bit) FILTER (WHERE condition = 'product_past_due') AS past_due_bit,
        max(bit) FILTER (WHERE condition = 'product_score_min') AS score_min_bit,
        max(bit) FILTER (WHERE condition = 'product_score_max') AS score_max_bit,
        max(bit) FILTER (WHERE condition = 'product_age_min') AS age_min_bit,
        max(bit) FILTER (WHERE condition = 'product_age_max') AS age_max_bit,
        max(bit) FILTER (WHERE condition = 'product_sales_max') AS sales_max_bit,
        max(bit) FILTER (WHERE condition = 'product_capacity') AS capacity_bit,
        max(bit) FILTER (WHERE condition = 'product_instalment') AS instalment_bit,
        max(bit) FILTER (WHERE condition = 'product_owned') AS owned_bit,
        max(bit) FILTER (WHERE condition = 'product_declined') AS declined_bit,
        max(bit) FILTER (WHERE condition = 'product_over_100m') AS over_100m_bit,
        max(bit) FILTER (WHERE condition = 'product_over_1bn') AS over_1bn_bit
    FROM advice_rules
), business AS (
    SELECT
        facts.*,
        coalesce(business_bits.bits, 0) AS bits,
        sales_12m_krw * margin AS income_krw,
        -- Marginal rate of the owner's income tax without the local surtax (Income Tax Act, article 55, as of 2023).
        CASE
            WHEN income_krw <= 14000000 THEN 0.06
            WHEN income_krw <= 50000000 THEN 0.15
            WHEN income_krw <= 88000000 THEN 0.24
            WHEN income_krw <= 150000000 THEN 0.35
            WHEN income_krw > 150000000 THEN 0.38
            ELSE 0.0
        END AS tax_rate
    FROM advice_facts AS facts
    LEFT JOIN business_bits USING (number)
    WHERE $business_id IS NULL OR facts.business_id = $business_id
), sized AS (
    SELECT
        business.*,
        product.product_id,
        product.product_number,
        product.kind,
        product.purpose,
        product.is_credit,
        product.rate,
        product.rate_middle,
        product.base_rate,
        product.block_bits,
        product.check_bits,
        product.record_bits,
        product.limit_krw,
        product.score_min,
        product.score_max,
        product.tenure_months_min,
        product.business_years_below,
        product.annual_sales_below_krw,
        product.days_past_due_below,
        product.smallest_krw,
        product.factor,
        product.factor_stressed,
        product.limit_other,
        -- least() and greatest() ignore NULL: a missing limit limits nobody, but an unknown room_krw must stay unknown.
        CASE WHEN product.is_credit AND room_krw IS NOT NULL THEN least(
            CASE
                WHEN product.limit_other IS DISTINCT FROM 'existing_balance'
                    THEN greatest(room_krw, 0) * product.factor_stressed
                -- Refinancing frees the instalments that it pays back and no others, as in core/advice/lending.py.
                WHEN
                    (room_krw + instalment_krw * refinanced.share) * product.factor_stressed
                    >= refinanced.share * loan_balance_krw
                    THEN (room_krw + instalment_krw * refinanced.share) * product.factor_stressed
                WHEN room_krw > 0
                    THEN room_krw / (1 / product.factor_stressed - instalment_krw / nullif(loan_balance_krw, 0))
                ELSE 0
            END,
            product.limit_krw,
            product.limit_sales_months * monthly_sales_krw,
            CASE WHEN product.limit_other = 'existing_balance' THEN loan_balance_krw END,
            -- No more than the gap: that is the need that the bank's files show.
            CASE
                WHEN product.purpose IN ('liquidity_gap', 'small_emergency')
                    THEN greatest(gap_krw, product.smallest_krw)
            END,
            $annual_sales_share * 12 * monthly_sales_krw
        ) END AS credit_krw
    FROM business
    CROSS JOIN advice_catalogue AS product
    CROSS JOIN LATERAL (
        -- The part of the debt that the product's limits let it pay back.
        SELECT CASE WHEN loan_balance_krw > 0 THEN least(
            1, product.limit_krw / loan_balance_krw, $annual_sales_share * 12 * monthly_sales_krw / loan_balance_krw
        ) ELSE 0 END AS share
    ) AS refinanced
), amounts AS (
    SELECT
        *,
        CASE
            WHEN is_credit THEN floor(credit_krw / $step_krw) * $step_krw
            WHEN purpose IN ('surplus', 'parking', 'idle_cash') THEN surplus_krw
            WHEN purpose = 'saving' THEN 12 * greatest(net_inflow_krw, 0)
            WHEN purpose = 'tax' THEN CASE WHEN surplus_krw > limit_krw THEN limit_krw ELSE surplus_krw END
            -- Payments of a year to an individual retirement pension that earn a tax credit.
            WHEN purpose = 'retirement' THEN CASE WHEN surplus_krw > 9000000 THEN 9000000 ELSE surplus_krw END
            -- Payments of a year that are deductible; a tenth of the income can be put aside (own choice).
            WHEN purpose = 'safety_net' THEN CASE WHEN income_krw > 60000000 THEN 6000000 ELSE 0.1 * income_krw END
            WHEN purpose = 'rate_cut' THEN loan_balance_krw
        END AS amount_krw,
        CASE purpose
            WHEN 'liquidity_gap' THEN gap_months
            WHEN 'small_emergency' THEN CASE WHEN gap_krw <= limit_krw THEN gap_months ELSE 0 END
            WHEN 'refinance'
                THEN
                    greatest(
                        (loan_rate - rate) / 0.03,
                        -- Merging two loans helps only where they are hard to repay or the new one is cheaper.
                        CASE WHEN loans_open >= 2 AND (room_krw < 0 OR loan_rate > rate_middle) THEN 0.4 ELSE 0 END,
                        CASE WHEN dscr_stressed < 1 THEN 0.8 ELSE 0 END
                    )
            WHEN 'working_capital' THEN swing
            WHEN 'thin_collateral' THEN coalesce(greatest(gap_months, sales_growth / 0.5), 0)
            WHEN 'equipment' THEN sales_growth / 0.3
            WHEN 'hardship' THEN -sales_change / 0.4
            WHEN 'low_credit' THEN CASE tier WHEN 1 THEN 0.8 WHEN 2 THEN 0.5 ELSE 0 END
            WHEN 'growth' THEN sales_growth / 0.3
            WHEN 'distress' THEN CASE WHEN days_past_due >= 30 THEN 1 WHEN tier = 1 THEN 0.9 ELSE 0.8 END
            WHEN 'rate_cut' THEN 0.4 + 0.2 * (tier - tier_12m)
            WHEN 'surplus' THEN surplus_ratio / 3
            WHEN 'saving' THEN net_inflow_krw / nullif(0.1 * outflow_krw, 0)
            WHEN 'parking' THEN surplus_ratio * swing
            WHEN 'idle_cash' THEN (surplus_ratio - 1) / 3
            WHEN 'tax' THEN tax_rate / 0.38 * CASE WHEN surplus_ratio > 1 THEN 1 ELSE surplus_ratio END
            WHEN 'retirement'
                THEN
                    tax_rate / 0.38 * CASE WHEN surplus_ratio > 1 THEN 1 ELSE surplus_ratio END
                    * CASE WHEN owner_age BETWEEN 35 AND 65 THEN 1 ELSE 0.5 END
            WHEN 'safety_net' THEN tax_rate / 0.38 + CASE WHEN tier <= 3 THEN 0.2 ELSE 0 END
        END AS need_ratio
    FROM sized
)
SELECT
    number,
    product_number,
    block_bits & (
        bits
        | CASE WHEN days_past_due >= days_past_due_below THEN past_due_bit ELSE 0 END
        | CASE WHEN coalesce(score < score_min, score_min IS NOT NULL) THEN score_min_bit ELSE 0 END
        | CASE WHEN coalesce(score > score_max, score_max IS NOT NULL) THEN score_max_bit ELSE 0 END
        | CASE
            WHEN coalesce(business_months < tenure_months_min, tenure_months_min IS NOT NULL)
                THEN age_min_bit
            ELSE 0
        END
        | CASE
            WHEN coalesce(business_months >= 12 * business_years_below, business_years_below IS NOT NULL)
                THEN age_max_bit
            ELSE 0
        END
        | CASE
            WHEN coalesce(sales_12m_krw >= annual_sales_below_krw, annual_sales_below_krw IS NOT NULL)
                THEN sales_max_bit
            ELSE 0
        END
        | CASE WHEN is_credit AND amount_krw < smallest_krw THEN capacity_bit ELSE 0 END
        -- Rounded down, a loan that refinances may free less than it costs.
        | CASE
            WHEN
                limit_other = 'existing_balance' AND room_krw
                + amount_krw * (instalment_krw / nullif(loan_balance_krw, 0) - 1 / factor_stressed) < -1
                THEN capacity_bit
            ELSE 0
        END
        | CASE WHEN loan_balance_krw / factor >= instalment_krw THEN instalment_bit ELSE 0 END
        | CASE WHEN list_contains(products_open, product_id) THEN owned_bit ELSE 0 END
        | CASE WHEN list_contains(products_declined, product_id) THEN declined_bit ELSE 0 END
    ) AS failed,
    check_bits & (
        bits
        | CASE WHEN is_credit AND amount_krw > $lti_record_krw THEN over_100m_bit ELSE 0 END
        | CASE WHEN is_credit AND amount_krw >= $lti_opinion_krw THEN over_1bn_bit ELSE 0 END
    ) AS checks,
    CASE WHEN record_bits = 0 THEN 'not_needed' WHEN record_bits & bits <> 0 THEN 'record_missing' ELSE 'ready' END
        AS suitability,
    CAST(CASE WHEN need_ratio > 1 THEN 1 WHEN need_ratio > 0 THEN need_ratio ELSE 0 END AS FLOAT) AS need,
    CAST(amount_krw AS DOUBLE) AS amount_krw,
    CAST(coalesce(greatest(0, amount_krw * CASE
        WHEN purpose = 'refinance' THEN loan_rate - rate
        WHEN purpose IN ('liquidity_gap', 'small_emergency', 'working_capital', 'hardship', 'low_credit')
            THEN $emergency_rate - rate
        WHEN is_credit THEN coalesce(loan_rate, base_rate + $unknown_spread) - rate
        WHEN purpose = 'rate_cut' THEN $rate_cut
        WHEN purpose = 'saving' THEN rate / 2  -- paid in month by month: half of the amount on average
        WHEN kind = 'deposit' OR purpose = 'idle_cash' THEN rate
        WHEN purpose = 'tax' THEN rate * 0.154  -- tax on interest that is saved
        WHEN purpose = 'retirement' THEN CASE WHEN income_krw <= 45000000 THEN 0.165 ELSE 0.132 END
        WHEN purpose = 'safety_net' THEN tax_rate
    END), 0) AS DOUBLE) AS value_krw
FROM amounts
CROSS JOIN product_bits
ORDER BY number, product_number
