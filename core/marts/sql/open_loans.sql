-- One row per loan that is open at $as_of: its balance and days past due.
WITH late AS (
    SELECT
        loan_id,
        max(days_past_due) AS days_past_due
    FROM repayments
    WHERE month = date_trunc('month', CAST($as_of AS DATE)) AND is_known(available_on, $as_of)
    GROUP BY loan_id
)
SELECT
    business_id,
    loan_id,
    product_id,
    principal_krw,
    CAST(loan_balance(principal_krw, repayment, opened_on, matures_on, CAST($as_of AS DATE)) AS BIGINT) AS balance_krw,
    annual_rate,
    repayment,
    opened_on,
    matures_on,
    date_diff('day', CAST($as_of AS DATE), matures_on) AS days_left,
    days_past_due
FROM loans
LEFT JOIN late USING (loan_id)
WHERE opened_on <= $as_of AND is_known(available_on, $as_of) AND coalesce(closed_on, DATE '9999-12-31') > $as_of
ORDER BY business_id, matures_on, loan_id
