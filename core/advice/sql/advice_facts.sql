-- One row per business at $as_of: every figure that the conditions, the needs and the amounts are computed from.
-- Unknown stays NULL: where no file reports loans ($loans_reported), nobody is known to be free of debt. Reads checked
-- tables, advice_catalogue and the scores of the same as_of; nothing later than $as_of.
WITH sales AS (
    SELECT
        business_id,
        median(CAST(revenue_krw AS DOUBLE)) FILTER (WHERE age < 12) AS monthly_sales_krw,
        count(*) FILTER (WHERE age < 12) AS sales_months,
        -- A year with a missing month or two is scaled up; with more it is unknown.
        CASE WHEN count(*) FILTER (WHERE age < 12) >= 9 THEN 12 * avg(revenue_krw) FILTER (WHERE age < 12) END
            AS sales_12m_krw,
        CASE
            WHEN count(*) FILTER (WHERE age BETWEEN 12 AND 23) >= 9
                THEN 12 * avg(revenue_krw) FILTER (WHERE age BETWEEN 12 AND 23)
        END AS sales_12m_before_krw,
        CASE
            WHEN count(*) FILTER (WHERE age BETWEEN 24 AND 35) >= 9
                THEN 12 * avg(revenue_krw) FILTER (WHERE age BETWEEN 24 AND 35)
        END AS sales_12m_two_before_krw,
        CASE WHEN count(*) FILTER (WHERE age < 3) = 3 THEN avg(revenue_krw) FILTER (WHERE age < 3) END AS sales_3m_krw,
        CASE
            WHEN count(*) FILTER (WHERE age BETWEEN 12 AND 14) = 3
                THEN avg(revenue_krw) FILTER (WHERE age BETWEEN 12 AND 14)
        END AS sales_3m_year_ago_krw
    FROM (
        SELECT business_id, revenue_krw, date_diff('month', month, CAST($as_of AS DATE)) AS age
        FROM revenue
        WHERE
            month <= $as_of AND is_known(available_on, $as_of) AND revenue_krw IS NOT NULL
            AND month > CAST($as_of AS DATE) - INTERVAL 36 MONTH
    )
    GROUP BY business_id
), account AS (
    SELECT
        business_id,
        avg(inflow_krw) FILTER (WHERE age < 3) AS inflow_krw,
        avg(outflow_krw) FILTER (WHERE age < 3) AS outflow_krw,
        max_by(deposit_avg_krw, month) FILTER (WHERE age < 2) AS deposit_krw,
        max_by(overdraft_limit_krw, month) FILTER (WHERE age < 2) AS overdraft_limit_krw,
        max_by(overdraft_used_krw, month) FILTER (WHERE age < 2) AS overdraft_used_krw,
        max(overdraft_used_krw / nullif(CAST(overdraft_limit_krw AS DOUBLE), 0)) AS overdraft_share_max,
        stddev_pop(inflow_krw - outflow_krw) / nullif(avg(outflow_krw), 0) AS swing,
        avg(inflow_krw - outflow_krw) AS net_inflow_krw
    FROM (
        SELECT *, date_diff('month', month, CAST($as_of AS DATE)) AS age
        FROM balances
        WHERE month <= $as_of AND is_known(available_on, $as_of) AND month > CAST($as_of AS DATE) - INTERVAL 12 MONTH
    )
    GROUP BY business_id
), reported AS (
    SELECT
        loan_id,
        median(CAST(due_krw AS DOUBLE)) AS due_krw,
        max_by(days_past_due, month) AS days_past_due
    FROM repayments
    WHERE month <= $as_of AND is_known(available_on, $as_of) AND month > CAST($as_of AS DATE) - INTERVAL 3 MONTH
    GROUP BY loan_id
), loans_now AS (
    SELECT
        loans.business_id,
        loans.annual_rate,
        reported.days_past_due,
        loan_balance(
            loans.principal_krw, loans.repayment, loans.opened_on, loans.matures_on, CAST($as_of AS DATE)
        ) AS balance_krw,
        -- Without a reported instalment yet: the instalment of the contract.
        coalesce(reported.due_krw, CASE
            WHEN loans.repayment = 'bullet' THEN loans.principal_krw * loans.annual_rate / 12
            ELSE loans.principal_krw / annuity_factor(
                loans.annual_rate, greatest(date_diff('month', loans.opened_on, loans.matures_on), 1)
            )
        END) AS instalment_krw
    FROM loans
    LEFT JOIN reported USING (loan_id)
    WHERE
        loans.opened_on <= $as_of AND is_known(loans.available_on, $as_of)
        AND coalesce(loans.closed_on, DATE '9999-12-31') > $as_of
), debt AS (
    SELECT
        business_id,
        count(*) AS loans_open,
        sum(balance_krw) AS loan_balance_krw,
        sum(instalment_krw) AS instalment_krw,
        sum(balance_krw * annual_rate) / nullif(sum(balance_krw), 0) AS loan_rate,
        max(days_past_due) AS days_past_due
    FROM loans_now
    GROUP BY business_id
), credits AS (
    -- Loans, and credit lines and guaranteed loans among the contracts; some are signed and not paid out yet.
    SELECT business_id, opened_on FROM loans WHERE is_known(available_on, $as_of)
    UNION ALL
    SELECT holdings.business_id, holdings.opened_on
    FROM holdings
    JOIN advice_catalogue AS catalogue USING (product_id)
    WHERE catalogue.is_credit AND is_known(holdings.available_on, $as_of)
), accepted AS (
    -- An accepted credit that is not in the files yet may be paid out any day; after $answer_days it has lapsed.
    SELECT DISTINCT interactions.business_id
    FROM interactions
    JOIN advice_catalogue AS catalogue USING (product_id)
    LEFT JOIN holdings
        ON
            holdings.business_id = interactions.business_id AND holdings.product_id = interactions.product_id
            AND holdings.opened_on >= CAST(interactions."at" AS DATE)
            AND holdings.opened_on <= $as_of AND is_known(holdings.available_on, $as_of)
    WHERE
        interactions.action = 'accepted' AND catalogue.is_credit AND is_known(interactions.available_on, $as_of)
        AND interactions."at" < CAST($as_of AS DATE) + INTERVAL 1 DAY
        AND interactions."at" >= CAST($as_of AS DATE) - to_days($answer_days)
        AND holdings.holding_id IS NULL
), credit_days AS (
    SELECT
        business_id,
        max(opened_on) FILTER (WHERE opened_on <= $as_of) AS last_loan_executed_on,
        min(opened_on) FILTER (WHERE opened_on > $as_of) AS planned_loan_on
    FROM credits
    GROUP BY business_id
), contracts AS (
    SELECT
        business_id,
        list_sort(list(DISTINCT product_id)) AS products_open
    FROM holdings
    WHERE opened_on <= $as_of AND is_known(available_on, $as_of) AND coalesce(closed_on, DATE '9999-12-31') > $as_of
    GROUP BY business_id
), declined AS (
    SELECT business_id, list_sort(list(DISTINCT product_id)) AS products_declined
    FROM interactions
    WHERE
        action = 'declined' AND is_known(available_on, $as_of)
        AND "at" < CAST($as_of AS DATE) + INTERVAL 1 DAY AND "at" >= CAST($as_of AS DATE) - to_days($answer_days)
    GROUP BY business_id
), records AS (
    -- The newest valid record of each kind. One without an end is valid for some months: unknown is not for ever.
    SELECT
        business_id,
        max(recorded_on) FILTER (WHERE kind = 'loan') AS suitability_loan_on,
        max(recorded_on) FILTER (WHERE kind = 'investment') AS suitability_investment_on
    FROM suitability
    WHERE
        recorded_on <= $as_of AND is_known(available_on, $as_of)
        AND coalesce(expires_on, CAST(recorded_on + to_months($suitability_months) AS DATE)) >= $as_of
    GROUP BY business_id
), earlier AS (
    SELECT business_id, max(tier) AS tier_12m
    FROM opportunity_history
    WHERE as_of = last_day(CAST($as_of AS DATE) - INTERVAL 12 MONTH)
    GROUP BY business_id
), margins AS (
    SELECT unnest($categories) AS category, unnest($margins) AS margin
), registrations AS (
    -- Digits of a registration number; a number that fails its check digit proves nothing. Weights 1 3 7 1 3 7 1 3 5 of
    -- the National Tax Service; 0000000000 passes and is no number.
    SELECT
        business_id,
        registration_no,
        list_transform(string_split(registration_no, ''), LAMBDA digit: try_cast(digit AS INTEGER)) AS digits
    FROM businesses
    WHERE registration_no IS NOT NULL AND length(registration_no) = 10 AND registration_no <> '0000000000'
), registered AS (
    SELECT
        business_id,
        -- Fourth and fifth digit, as the National Tax Service gives them out: 81 to 88 are corporations and public
        -- bodies, the others natural persons.
        CAST(substr(registration_no, 4, 2) AS INTEGER) BETWEEN 81 AND 88 AS is_corporation
    FROM registrations
    WHERE list_count(digits) = 10 AND (10 - (
        digits[1] + 3 * digits[2] + 7 * digits[3] + digits[4] + 3 * digits[5] + 7 * digits[6] + digits[7]
        + 3 * digits[8] + 5 * digits[9] + (5 * digits[9]) // 10
    ) % 10) % 10 = digits[10]
), joined AS (
    SELECT
        businesses.business_id,
        businesses.manager_id,
        businesses.category,
        businesses.district_code,
        businesses.employees,
        CASE WHEN businesses.status_on IS NULL OR businesses.status_on <= $as_of THEN businesses.status ELSE 'open' END
            AS status,
        date_diff('month', businesses.opened_on, CAST($as_of AS DATE)) AS business_months,
        date_diff('month', businesses.customer_since, CAST($as_of AS DATE)) AS tenure_months,
        year(CAST($as_of AS DATE)) - businesses.owner_birth_year AS owner_age,
        registered.is_corporation,
        now.score,
        now.tier,
        now.state,
        earlier.tier_12m,
        pd.pd_12m,
        pd.pd_basis,
        churn.churn_3m,
        churn.level AS churn_level,
        CASE WHEN sales.sales_months >= 6 THEN sales.monthly_sales_krw END AS monthly_sales_krw,
        sales.sales_12m_krw,
        sales.sales_12m_krw / nullif(sales.sales_12m_before_krw, 0) - 1 AS sales_growth,
        sales.sales_12m_before_krw / nullif(sales.sales_12m_two_before_krw, 0) - 1 AS sales_growth_before,
        sales.sales_3m_krw / nullif(sales.sales_3m_year_ago_krw, 0) - 1 AS sales_change,
        margins.margin,
        account.inflow_krw,
        account.outflow_krw,
        account.deposit_krw,
        account.overdraft_limit_krw,
        account.overdraft_used_krw,
        account.overdraft_used_krw / nullif(CAST(account.overdraft_limit_krw AS DOUBLE), 0) AS overdraft_share,
        account.overdraft_share_max,
        account.swing,
        account.net_inflow_krw,
        CASE WHEN $loans_reported THEN coalesce(debt.loans_open, 0) END AS loans_open,
        CASE WHEN $loans_reported THEN coalesce(debt.loan_balance_krw, 0) END AS loan_balance_krw,
        CASE WHEN $loans_reported THEN coalesce(debt.instalment_krw, 0) END AS instalment_krw,
        debt.loan_rate,
        CASE WHEN $loans_reported AND debt.business_id IS NULL THEN 0 ELSE debt.days_past_due END AS days_past_due,
        credit_days.last_loan_executed_on,
        least(
            credit_days.planned_loan_on,
            CASE WHEN accepted.business_id IS NOT NULL THEN CAST(CAST($as_of AS DATE) + INTERVAL 1 DAY AS DATE) END
        ) AS planned_loan_on,
        records.suitability_loan_on,
        records.suitability_investment_on,
        CASE
            WHEN coalesce(account.overdraft_limit_krw, 0) > 0
                THEN list_sort(list_distinct(list_append(coalesce(contracts.products_open, []), 'L03')))
            ELSE coalesce(contracts.products_open, [])
        END AS products_open,
        coalesce(declined.products_declined, []) AS products_declined
    FROM businesses
    JOIN opportunity_history AS now ON now.business_id = businesses.business_id AND now.as_of = $as_of
    LEFT JOIN earlier ON earlier.business_id = businesses.business_id
    LEFT JOIN pd_scores AS pd ON pd.business_id = businesses.business_id AND pd.as_of = $as_of
    LEFT JOIN churn_scores AS churn ON churn.business_id = businesses.business_id AND churn.as_of = $as_of
    LEFT JOIN sales ON sales.business_id = businesses.business_id
    LEFT JOIN margins ON margins.category = businesses.category
    LEFT JOIN account ON account.business_id = businesses.business_id
    LEFT JOIN debt ON debt.business_id = businesses.business_id
    LEFT JOIN credit_days ON credit_days.business_id = businesses.business_id
    LEFT JOIN accepted ON accepted.business_id = businesses.business_id
    LEFT JOIN contracts ON contracts.business_id = businesses.business_id
    LEFT JOIN declined ON declined.business_id = businesses.business_id
    LEFT JOIN records ON records.business_id = businesses.business_id
    LEFT JOIN registered ON registered.business_id = businesses.business_id
), computed AS (
    SELECT
        *,
        -- As core/advice/lending.py has it, with the numbers of [lending] in policy.toml; a test holds them equal.
        monthly_sales_krw * $sales_stress * margin - $living_cost_krw AS cash_flow_krw,
        3 * (outflow_krw - inflow_krw) - deposit_krw AS short_krw,
        -- A month of outflow stays in the account; what is above it is free.
        deposit_krw - outflow_krw AS free_krw
    FROM joined
)
SELECT
    CAST(row_number() OVER (ORDER BY business_id) - 1 AS INTEGER) AS number,
    CAST($as_of AS DATE) AS as_of,
    * EXCLUDE (short_krw, free_krw),
    cash_flow_krw / nullif(instalment_krw, 0) AS dscr_stressed,
    cash_flow_krw / $dscr_min - instalment_krw AS room_krw,
    -- Not greatest(0, …): that would turn unknown into zero.
    CASE WHEN short_krw > 0 THEN short_krw WHEN short_krw <= 0 THEN 0 END AS gap_krw,
    CASE WHEN short_krw > 0 THEN short_krw / nullif(outflow_krw, 0) WHEN short_krw <= 0 THEN 0 END AS gap_months,
    CASE WHEN free_krw > 0 THEN free_krw WHEN free_krw <= 0 THEN 0 END AS surplus_krw,
    CASE WHEN free_krw > 0 THEN free_krw / nullif(outflow_krw, 0) WHEN free_krw <= 0 THEN 0 END AS surplus_ratio
FROM computed
ORDER BY business_id
