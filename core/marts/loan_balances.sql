-- One row per business: what it owes on open loans, and how late it is, at $as_of.
-- The contract has no balance column: instalment loans are taken down in a straight line, bullet loans stay whole.
WITH open_loans AS (
    SELECT
        loan_id,
        business_id,
        principal_krw,
        repayment,
        matures_on,
        greatest(date_diff('month', opened_on, matures_on), 1) AS term_months,
        greatest(date_diff('month', CAST($as_of AS DATE), matures_on), 0) AS left_months
    FROM loans
    WHERE opened_on <= $as_of AND available_on <= $as_of AND coalesce(closed_on, DATE '9999-12-31') > $as_of
), late AS (
    SELECT
        loan_id,
        max(days_past_due) AS days_past_due
    FROM repayments
    WHERE month = date_trunc('month', CAST($as_of AS DATE)) AND available_on <= $as_of
    GROUP BY loan_id
)
SELECT
    business_id,
    count(*) AS open_loans,
    CAST(sum(
        CASE WHEN repayment = 'bullet' THEN principal_krw ELSE principal_krw * least(left_months / term_months, 1.0) END
    ) AS BIGINT) AS loan_balance_krw,
    max(days_past_due) AS days_past_due,
    min(matures_on) AS next_maturity_on
FROM open_loans
LEFT JOIN late USING (loan_id)
GROUP BY business_id
