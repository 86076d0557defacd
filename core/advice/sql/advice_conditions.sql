-- Which conditions hold of each business, one column a condition of data/reference/rules.csv; product_* are in
-- advice_pairs.sql. A condition is never NULL: each defines what an unknown figure means.
SELECT
    number,
    business_id,
    TRUE AS always,
    status = 'closed' OR state = 'CLOSED' AS is_closed,
    coalesce(tier = 1, FALSE) AS tier_1,
    coalesce(tier <= 2, FALSE) AS tier_2_or_below,
    score IS NULL AS score_unknown,
    coalesce(days_past_due >= 90, FALSE) AS past_due_90,
    coalesce(days_past_due >= 30, FALSE) AS past_due_30,
    days_past_due IS NULL AS arrears_unknown,
    coalesce(instalment_krw > 0 AND dscr_stressed < 1, FALSE) OR coalesce(cash_flow_krw <= 0, FALSE) AS dscr_below_1,
    loans_open IS NULL AS loans_unknown,
    cash_flow_krw IS NULL AS sales_unknown,
    coalesce(tying_until(last_loan_executed_on) >= as_of, FALSE)
    OR coalesce(planned_loan_on <= tying_until(as_of), FALSE) AS loan_within_31_days,
    -- Net cash: deposits less all debt. Without balances or loans it is unknown, and unknown is not enough.
    coalesce(deposit_krw - coalesce(overdraft_used_krw, 0) - loan_balance_krw < 0, TRUE) AS net_cash_negative,
    coalesce(sales_12m_krw > 500000000, TRUE) AS sales_over_500m,
    coalesce(overdraft_share_max >= 0.8, FALSE) AS overdraft_used_up,
    coalesce(left(district_code, 2) <> '11', TRUE) AS outside_seoul,
    -- Rounded: a fall by exactly a tenth is 0.0999999 in floating point.
    coalesce(round(sales_change, 9) > -0.10, TRUE) AS no_hardship,
    coalesce(NOT (round(sales_growth, 9) >= 0.10 AND round(sales_growth_before, 9) >= 0.10), TRUE) AS no_growth,
    TRUE AS no_restart_known,  -- no file of the bank records a restart or a debt settlement
    coalesce(employees >= 5, FALSE) AS five_or_more_employees,
    employees IS NULL AS employees_unknown,
    coalesce(loans_open = 0, FALSE) AS no_loan,
    -- Refinancing pays above the middle of what it costs; one loan below that rate has nothing to gain.
    coalesce(loans_open < 2, FALSE) AND coalesce(loan_rate <= refinancing.rate, TRUE) AS no_refinancing,
    NOT(
        coalesce(tier = 1, FALSE)
        OR coalesce(days_past_due >= 30, FALSE)
        OR coalesce(status <> 'open' AND loans_open > 0, FALSE)
    ) AS not_distressed,
    coalesce(tier - tier_12m < 1, TRUE) AS no_improvement,
    coalesce(is_corporation, FALSE) AS corporation,
    is_corporation IS NULL AS corporation_unknown,
    suitability_loan_on IS NULL AS suitability_loan_missing,
    suitability_investment_on IS NULL AS suitability_investment_missing
FROM advice_facts
CROSS JOIN (
    SELECT min(rate_middle) AS rate
    FROM advice_catalogue
    WHERE purpose = 'refinance'
) AS refinancing
ORDER BY number
