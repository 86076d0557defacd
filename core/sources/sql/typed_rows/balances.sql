-- One row per business and month.
SELECT
    rowid AS row_no,
    to_text(business_id) AS business_id,
    to_month(month) AS month,
    to_won(deposit_avg_krw) AS deposit_avg_krw,
    to_won(inflow_krw) AS inflow_krw,
    to_won(outflow_krw) AS outflow_krw,
    to_won(card_settlement_krw) AS card_settlement_krw,
    to_won(overdraft_limit_krw) AS overdraft_limit_krw,
    to_won(overdraft_used_krw) AS overdraft_used_krw,
    CAST(to_count(autopay_count) AS INTEGER) AS autopay_count,
    CAST(to_count(logins) AS INTEGER) AS logins,
    known_on(available_at, last_day(to_month(month))) AS available_on
FROM scratch.staged_rows
