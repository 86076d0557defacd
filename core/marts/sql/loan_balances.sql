-- One row per business: what it owes on open loans, and how late it is.
SELECT
    business_id,
    count(*) AS open_loans,
    CAST(sum(balance_krw) AS BIGINT) AS loan_balance_krw,
    max(days_past_due) AS days_past_due,
    min(matures_on) AS next_maturity_on
FROM open_loans
GROUP BY business_id
