-- One row per open loan: what is owed (as the mart loan_balances reckons it) and how late it is, at the as-of.
WITH chosen AS (
    SELECT
        business_id,
        as_of
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
), open_loans AS (
    SELECT
        loans.*,
        chosen.as_of,
        greatest(date_diff('month', loans.opened_on, loans.matures_on), 1) AS term_months,
        greatest(date_diff('month', chosen.as_of, loans.matures_on), 0) AS left_months
    FROM loans
    JOIN chosen USING (business_id)
    WHERE
        loans.business_id = $business_id
        AND loans.opened_on <= chosen.as_of
        AND loans.available_on <= chosen.as_of
        AND coalesce(loans.closed_on, DATE '9999-12-31') > chosen.as_of
), late AS (
    SELECT
        repayments.loan_id,
        max(repayments.days_past_due) AS days_past_due
    FROM repayments
    JOIN open_loans ON open_loans.loan_id = repayments.loan_id
    WHERE
        repayments.month = date_trunc('month', open_loans.as_of)
        AND repayments.available_on <= open_loans.as_of
    GROUP BY repayments.loan_id
)
SELECT
    open_loans.loan_id,
    open_loans.product_id,
    open_loans.principal_krw,
    CAST(
        CASE
            WHEN open_loans.repayment = 'bullet' THEN open_loans.principal_krw
            ELSE open_loans.principal_krw * least(left_months / term_months, 1.0)
        END AS BIGINT
    ) AS balance_krw,
    open_loans.annual_rate,
    open_loans.repayment,
    open_loans.opened_on,
    open_loans.matures_on,
    date_diff('day', open_loans.as_of, open_loans.matures_on) AS days_left,
    late.days_past_due
FROM open_loans
LEFT JOIN late ON late.loan_id = open_loans.loan_id
ORDER BY open_loans.matures_on, open_loans.loan_id
