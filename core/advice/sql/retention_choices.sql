-- Every offer for every business that may leave: its cost, and the value at stake. clv_krw, the worth of a customer who
-- stays, is the margin a month x the sum over the horizon of survival and discount.
-- at_stake_krw is chance of leaving x that worth. The effect of an offer is unknown without an experiment: the expected
-- value is an upper bound, the whole worth less the cost, and no uplift. Source: docs/models.md.
WITH survival AS (
    -- Survival of one month at the median chance of leaving, discounted.
    SELECT pow(1 - median(churn_3m), 1.0 / 3) / (1 + $discount / 12) AS step
    FROM advice_facts
), factor AS (
    SELECT step * (1 - pow(step, $horizon_months)) / (1 - step) AS months FROM survival
), customers AS (
    SELECT
        facts.business_id,
        facts.manager_id,
        facts.churn_level,
        facts.churn_3m,
        facts.loan_balance_krw,
        coalesce(facts.deposit_krw, 0) AS deposit_krw,
        12 * $fee_share * coalesce(facts.inflow_krw, 0) AS fees_krw,
        greatest(0, (
            $loan_margin * coalesce(facts.loan_balance_krw, 0)
            + $deposit_margin * coalesce(facts.deposit_krw, 0)
            + fees_krw
            - coalesce(facts.pd_12m, 0) * $lgd * coalesce(facts.loan_balance_krw, 0)
        ) / 12) * factor.months AS clv_krw,
        conditions.loan_within_31_days,
        causes.reasons
    FROM advice_facts AS facts
    JOIN advice_conditions AS conditions USING (number)
    CROSS JOIN factor
    LEFT JOIN (
        SELECT business_id, list(reason ORDER BY rank) AS reasons
        FROM drivers
        WHERE model = 'churn' AND contribution > 0 AND rank <= 3
        GROUP BY business_id
    ) AS causes ON causes.business_id = facts.business_id
    WHERE facts.churn_level <> 'normal' AND NOT conditions.is_closed AND NOT conditions.past_due_90
), priced AS (
    SELECT
        customers.*,
        offers.offer,
        list_filter(
            customers.reasons, LAMBDA reason: list_contains(string_split(offers.for_reasons, '|'), reason)
        )[1] AS for_reason,
        offers.cost_krw + offers.cost_share * CASE offers.cost_of
            WHEN 'fees' THEN customers.fees_krw
            WHEN 'deposit' THEN customers.deposit_krw
            WHEN 'loan' THEN customers.loan_balance_krw
            ELSE 0
        END AS cost_krw
    FROM customers
    CROSS JOIN read_csv($offers, header = TRUE) AS offers
    WHERE
        NOT (coalesce(offers.blocked_when, '') = 'loan_within_31_days' AND customers.loan_within_31_days)
        AND CASE offers.needs
            WHEN 'loan' THEN customers.loan_balance_krw > 0
            WHEN 'deposit' THEN customers.deposit_krw > 0
            ELSE TRUE
        END
)
SELECT
    business_id,
    manager_id,
    churn_level,
    churn_3m,
    offer,
    for_reason,
    CAST(round(clv_krw) AS BIGINT) AS clv_krw,
    CAST(round(churn_3m * clv_krw) AS BIGINT) AS at_stake_krw,
    CAST(round(cost_krw) AS BIGINT) AS cost_krw,
    CAST(round(churn_3m * clv_krw - cost_krw) AS BIGINT) AS expected_value_krw
FROM priced
ORDER BY manager_id, business_id, expected_value_krw DESC, offer
