-- One row per business and month from $from_month to the month of $as_of: the month against the mean of the twelve
-- months before it, in logarithms. (A median over a window takes ten times as long.)
-- Unknown stays unknown: a change needs six earlier months, a ratio its denominator. The use of an overdraft that a
-- business does not have is known to be 0. Amounts are plus 100,000 won before the logarithm, so that a month with
-- almost nothing is not infinitely unusual. Reads revenue, balances, businesses.
WITH observed AS (
    SELECT
        coalesce(r.business_id, b.business_id) AS business_id,
        CAST(coalesce(r.month, b.month) AS DATE) AS month,
        ln(CASE WHEN r.revenue_krw >= 0 THEN CAST(r.revenue_krw AS DOUBLE) + 100000.0 END) AS sales,
        ln(CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) / nullif(r.sales_count, 0) END) AS ticket,
        ln(CASE WHEN b.inflow_krw >= 0 THEN CAST(b.inflow_krw AS DOUBLE) + 100000.0 END) AS inflow,
        ln(CASE WHEN b.outflow_krw >= 0 THEN CAST(b.outflow_krw AS DOUBLE) + 100000.0 END) AS outflow,
        -- An overdrawn account counts as empty; the overdraft has a column of its own.
        ln(CASE WHEN b.deposit_avg_krw < 0 THEN 0.0 ELSE CAST(b.deposit_avg_krw AS DOUBLE) END + 100000.0) AS deposit,
        CAST(b.card_settlement_krw AS DOUBLE) / nullif(CAST(b.inflow_krw AS DOUBLE), 0.0) AS card_share,
        CASE
            WHEN b.overdraft_limit_krw = 0 THEN 0.0
            ELSE CAST(b.overdraft_used_krw AS DOUBLE) / nullif(CAST(b.overdraft_limit_krw AS DOUBLE), 0.0)
        END AS overdraft_use,
        ln(CAST(b.logins AS DOUBLE) + 1.0) AS logins,
        CAST(b.autopay_count AS DOUBLE) AS autopay
    FROM (FROM revenue WHERE is_known(available_on, $as_of) AND month BETWEEN $history_month AND $as_of) AS r
    FULL JOIN (FROM balances WHERE is_known(available_on, $as_of) AND month BETWEEN $history_month AND $as_of) AS b
        ON b.business_id = r.business_id AND b.month = r.month
), usual AS (
    SELECT
        *,
        count(sales) OVER year_before AS sales_months,
        count(inflow) OVER year_before AS account_months,
        avg(sales) OVER year_before AS usual_sales,
        avg(ticket) OVER year_before AS usual_ticket,
        avg(inflow) OVER year_before AS usual_inflow,
        avg(outflow) OVER year_before AS usual_outflow,
        avg(deposit) OVER year_before AS usual_deposit,
        avg(card_share) OVER year_before AS usual_card_share,
        avg(overdraft_use) OVER year_before AS usual_overdraft_use,
        avg(logins) OVER year_before AS usual_logins,
        avg(autopay) OVER year_before AS usual_autopay
    FROM observed
    WINDOW year_before AS (
        PARTITION BY business_id ORDER BY month
        RANGE BETWEEN INTERVAL 12 MONTH PRECEDING AND INTERVAL 1 MONTH PRECEDING
    )
)
-- Rounded, because the mean of equal numbers may differ from them in the last digit and the forest would split there.
SELECT
    u.business_id,
    u.month,
    businesses.category,
    CASE WHEN u.sales_months >= 6 THEN round(u.sales - u.usual_sales, 9) END AS sales_jump,
    CASE WHEN u.sales_months >= 6 THEN round(u.ticket - u.usual_ticket, 9) END AS ticket_jump,
    CASE WHEN u.account_months >= 6 THEN round(u.inflow - u.usual_inflow, 9) END AS inflow_jump,
    CASE WHEN u.account_months >= 6 THEN round(u.outflow - u.usual_outflow, 9) END AS outflow_jump,
    CASE WHEN u.account_months >= 6 THEN round(u.deposit - u.usual_deposit, 9) END AS deposit_jump,
    round((exp(u.inflow) - exp(u.outflow)) / (exp(u.inflow) + exp(u.outflow)), 9) AS flow_gap,
    CASE
        WHEN u.sales_months >= 6 AND u.account_months >= 6
            THEN round((u.inflow - u.usual_inflow) - (u.sales - u.usual_sales), 9)
    END AS inflow_against_sales,
    CASE WHEN u.account_months >= 6 THEN round(u.card_share - u.usual_card_share, 9) END AS card_share_shift,
    CASE WHEN u.account_months >= 6 THEN round(u.overdraft_use - u.usual_overdraft_use, 9) END AS overdraft_shift,
    CASE WHEN u.account_months >= 6 THEN round(u.logins - u.usual_logins, 9) END AS logins_jump,
    CASE WHEN u.account_months >= 6 THEN round(u.autopay - u.usual_autopay, 9) END AS autopay_shift
FROM usual AS u
JOIN businesses ON businesses.business_id = u.business_id
WHERE
    u.month >= $from_month
    AND (businesses.status <> 'closed' OR businesses.status_on > last_day(u.month))
