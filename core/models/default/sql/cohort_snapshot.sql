-- One row a business known at $as_of: who it is, whether the model may speak of it, and every feature.
-- Rounded to nine places, so that a difference in the last bit between engines cannot flip a split.
SELECT
    p.business_id,
    p.as_of,
    p.category,
    p.region,
    p.state,
    p.pd_basis,
    p.has_loan,
    CAST(round(r.revenue_change_yoy, 9) AS DOUBLE) AS revenue_change_yoy,
    CAST(round(r.revenue_recent_change, 9) AS DOUBLE) AS revenue_recent_change,
    CAST(round(r.revenue_slope_12m, 9) AS DOUBLE) AS revenue_slope_12m,
    CAST(round(r.revenue_volatility_12m, 9) AS DOUBLE) AS revenue_volatility_12m,
    CAST(r.zero_months_12m AS DOUBLE) AS zero_months_12m,
    CAST(r.missing_months_12m AS DOUBLE) AS missing_months_12m,
    CAST(round(r.revenue_size, 9) AS DOUBLE) AS revenue_size,
    CAST(round(r.revenue_change_yoy - c.peers_change, 9) AS DOUBLE) AS revenue_against_peers,
    CAST(round(b.cash_coverage_6m, 9) AS DOUBLE) AS cash_coverage_6m,
    CAST(round(b.deposit_change, 9) AS DOUBLE) AS deposit_change,
    CAST(round(b.deposit_months_covered, 9) AS DOUBLE) AS deposit_months_covered,
    CAST(round(b.overdraft_use_now, 9) AS DOUBLE) AS overdraft_use_now,
    CAST(round(b.overdraft_use_max_3m, 9) AS DOUBLE) AS overdraft_use_max_3m,
    CAST(l.dpd_now AS DOUBLE) AS dpd_now,
    CAST(l.dpd_max_12m AS DOUBLE) AS dpd_max_12m,
    CAST(l.months_since_late AS DOUBLE) AS months_since_late,
    CAST(l.late_payments_12m AS DOUBLE) AS late_payments_12m,
    CAST(round(l.paid_share_6m, 9) AS DOUBLE) AS paid_share_6m,
    CAST(round(
        (coalesce(l.owed_krw, 0.0) + coalesce(b.overdraft_used_krw, 0.0))
        / nullif(r.revenue_year_krw, 0.0), 9
    ) AS DOUBLE) AS debt_to_revenue,
    CAST(round(l.instalment_month_krw / nullif(b.inflow_month_krw, 0.0), 9) AS DOUBLE)
        AS instalment_to_inflow,
    CAST(round(b.card_6m_krw / nullif(r.revenue_6m_krw, 0.0), 9) AS DOUBLE) AS card_share_6m,
    CAST(round(b.autopay_change, 9) AS DOUBLE) AS autopay_change,
    CAST(round(b.logins_change, 9) AS DOUBLE) AS logins_change,
    CAST(e.products_held AS DOUBLE) AS products_held,
    CAST(e.contacts_6m AS DOUBLE) AS contacts_6m,
    CAST(e.complaints_12m AS DOUBLE) AS complaints_12m,
    CAST(e.tenure_months AS DOUBLE) AS tenure_months,
    CAST(e.business_age_months AS DOUBLE) AS business_age_months,
    CAST(round(c.peers_change, 9) AS DOUBLE) AS peers_change,
    CAST(round(m.market_change_yoy, 9) AS DOUBLE) AS market_change_yoy,
    CAST(round(m.market_closed_share, 9) AS DOUBLE) AS market_closed_share
FROM feature_population AS p
LEFT JOIN feature_revenue AS r ON r.business_id = p.business_id
LEFT JOIN feature_balances AS b ON b.business_id = p.business_id
LEFT JOIN feature_loans AS l ON l.business_id = p.business_id
LEFT JOIN feature_relationship AS e ON e.business_id = p.business_id
LEFT JOIN default_market AS m ON m.business_id = p.business_id
LEFT JOIN feature_peers AS c ON c.category = p.category AND c.region = coalesce(p.region, '')
WHERE p.as_of = CAST($as_of AS DATE)
