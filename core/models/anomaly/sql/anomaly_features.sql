-- Each month of a business minus the medians of its peers: the features of the forest, in a fixed order.
-- Reads anomaly_months, anomaly_peers.
WITH medians AS (
    -- The names are listed, so that a feature that no business has still gets a column.
    PIVOT anomaly_peers ON feature IN (
        'sales_jump', 'ticket_jump', 'inflow_jump', 'inflow_against_sales', 'card_share_shift', 'outflow_jump',
        'flow_gap', 'deposit_jump', 'overdraft_shift', 'logins_jump', 'autopay_shift'
    ) USING first(peer_median) GROUP BY category, month
)
SELECT
    m.business_id,
    m.month,
    m.category,
    m.sales_jump - p.sales_jump AS sales_jump,
    m.ticket_jump - p.ticket_jump AS ticket_jump,
    m.inflow_jump - p.inflow_jump AS inflow_jump,
    m.inflow_against_sales - p.inflow_against_sales AS inflow_against_sales,
    m.card_share_shift - p.card_share_shift AS card_share_shift,
    m.outflow_jump - p.outflow_jump AS outflow_jump,
    m.flow_gap - p.flow_gap AS flow_gap,
    m.deposit_jump - p.deposit_jump AS deposit_jump,
    m.overdraft_shift - p.overdraft_shift AS overdraft_shift,
    m.logins_jump - p.logins_jump AS logins_jump,
    m.autopay_shift - p.autopay_shift AS autopay_shift
FROM anomaly_months AS m
LEFT JOIN medians AS p ON p.category = m.category AND p.month = m.month
ORDER BY m.month, m.business_id
