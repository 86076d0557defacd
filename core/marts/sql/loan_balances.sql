-- One row per business: balance of its open loans, and days past due.
SELECT
    business_id,
    count(*) AS open_loans,
    CAST(sum(balance_krw) AS BIGINT) AS loan_balance_krw,
    max(days_past_due) AS days_past_due,
    min(matures_on) AS next_maturity_on
FROM open_loans
GROUP BY business_id
