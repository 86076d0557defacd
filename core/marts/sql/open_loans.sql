-- One row per loan that is open at $as_of: what is owed on it, and how late it is.
-- The contract has no balance column: instalment loans are taken down in a straight line, bullet loans stay whole.
WITH late AS (
    SELECT
        loan_id,
        max(days_past_due) AS days_past_due
    FROM repayments
    WHERE month = date_trunc('month', CAST($as_of AS DATE)) AND available_on <= $as_of
    GROUP BY loan_id
), open_loans AS (
    SELECT
        *,
        greatest(date_diff('month', opened_on, matures_on), 1) AS term_months,
        greatest(date_diff('month', CAST($as_of AS DATE), matures_on), 0) AS left_months
    FROM loans
    WHERE opened_on <= $as_of AND available_on <= $as_of AND coalesce(closed_on, DATE '9999-12-31') > $as_of
)
SELECT
    business_id,
    loan_id,
    product_id,
    principal_krw,
    CAST(
        CASE WHEN repayment = 'bullet' THEN principal_krw ELSE principal_krw * least(left_months / term_months, 1.0) END
        AS BIGINT
    ) AS balance_krw,
    annual_rate,
    repayment,
    opened_on,
    matures_on,
    date_diff('day', CAST($as_of AS DATE), matures_on) AS days_left,
    days_past_due
FROM open_loans
LEFT JOIN late USING (loan_id)
ORDER BY business_id, matures_on, loan_id
