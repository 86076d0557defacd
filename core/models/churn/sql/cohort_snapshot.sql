-- One row a business known at $as_of: who it is, whether the churn model may speak of it, and every feature.
-- Rounded to nine places, so that a difference in the last bit between engines cannot flip a split.
SELECT
    p.business_id,
    p.as_of,
    p.category,
    p.region,
    q.state,
    CAST(round(a.logins_last_month, 9) AS DOUBLE) AS logins_last_month,
    CAST(round(b.logins_change, 9) AS DOUBLE) AS logins_change,
    CAST(round(a.logins_a_month, 9) AS DOUBLE) AS logins_a_month,
    CAST(round(a.autopay_last_month, 9) AS DOUBLE) AS autopay_last_month,
    CAST(round(b.autopay_change, 9) AS DOUBLE) AS autopay_change,
    CAST(round(a.autopay_share_left, 9) AS DOUBLE) AS autopay_share_left,
    CAST(round(b.card_6m_krw / nullif(r.revenue_6m_krw, 0.0), 9) AS DOUBLE) AS card_share_6m,
    CAST(round(a.card_share_change, 9) AS DOUBLE) AS card_share_change,
    CAST(round(a.inflow_share_3m, 9) AS DOUBLE) AS inflow_share_3m,
    CAST(round(a.inflow_share_change, 9) AS DOUBLE) AS inflow_share_change,
    CAST(round(a.inflow_last_month, 9) AS DOUBLE) AS inflow_last_month,
    CAST(round(a.deposit_last_month, 9) AS DOUBLE) AS deposit_last_month,
    CAST(round(b.deposit_change, 9) AS DOUBLE) AS deposit_change,
    CAST(round(b.deposit_months_covered, 9) AS DOUBLE) AS deposit_months_covered,
    CAST(round(b.cash_coverage_6m, 9) AS DOUBLE) AS cash_coverage_6m,
    CAST(e.products_held AS DOUBLE) AS products_held,
    CAST(h.products_given_up_12m AS DOUBLE) AS products_given_up_12m,
    CAST(h.products_ending_90d AS DOUBLE) AS products_ending_90d,
    CAST(h.loans_ending_90d AS DOUBLE) AS loans_ending_90d,
    CAST(h.months_since_new_product AS DOUBLE) AS months_since_new_product,
    CAST(round(
        (coalesce(l.owed_krw, 0.0) + coalesce(b.overdraft_used_krw, 0.0))
        / nullif(r.revenue_year_krw, 0.0), 9
    ) AS DOUBLE) AS debt_to_revenue,
    CAST(l.dpd_now AS DOUBLE) AS dpd_now,
    CAST(t.months_since_contact AS DOUBLE) AS months_since_contact,
    CAST(e.contacts_6m AS DOUBLE) AS contacts_6m,
    CAST(t.complaints_6m AS DOUBLE) AS complaints_6m,
    CAST(e.complaints_12m AS DOUBLE) AS complaints_12m,
    CAST(e.tenure_months AS DOUBLE) AS tenure_months,
    CAST(e.business_age_months AS DOUBLE) AS business_age_months,
    CAST(round(r.revenue_size, 9) AS DOUBLE) AS revenue_size,
    CAST(round(r.revenue_change_yoy, 9) AS DOUBLE) AS revenue_change_yoy,
    CAST(round(r.revenue_recent_change, 9) AS DOUBLE) AS revenue_recent_change,
    CAST(round(r.revenue_volatility_12m, 9) AS DOUBLE) AS revenue_volatility_12m,
    CAST(r.zero_months_12m AS DOUBLE) AS zero_months_12m,
    CAST(round(s.season_ahead, 9) AS DOUBLE) AS season_ahead,
    CAST(round(r.revenue_change_yoy - c.peers_change, 9) AS DOUBLE) AS revenue_against_peers,
    CAST(round(c.peers_change, 9) AS DOUBLE) AS peers_change
FROM feature_population AS p
JOIN churn_population AS q ON q.business_id = p.business_id
LEFT JOIN feature_revenue AS r ON r.business_id = p.business_id
LEFT JOIN feature_balances AS b ON b.business_id = p.business_id
LEFT JOIN feature_loans AS l ON l.business_id = p.business_id
LEFT JOIN feature_relationship AS e ON e.business_id = p.business_id
LEFT JOIN churn_account AS a ON a.business_id = p.business_id
LEFT JOIN churn_products AS h ON h.business_id = p.business_id
LEFT JOIN churn_contacts AS t ON t.business_id = p.business_id
LEFT JOIN churn_season AS s ON s.business_id = p.business_id
LEFT JOIN feature_peers AS c ON c.category = p.category AND c.region = coalesce(p.region, '')
WHERE p.as_of = CAST($as_of AS DATE)
