-- Open loans at the as-of date: balance, terms and days past due.
SELECT
    loan_id,
    product_id,
    principal_krw,
    balance_krw,
    annual_rate,
    repayment,
    opened_on,
    matures_on,
    days_left,
    days_past_due
FROM open_loans
WHERE
    business_id = $business_id
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY matures_on, loan_id
