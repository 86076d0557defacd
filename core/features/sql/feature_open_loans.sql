-- Loans that were open at $as_of as the bank knew it then: the principal still owed in won, and the days past due
-- of the newest instalment. The data have no balance: it falls in a straight line to the maturity, or is constant
-- where the loan is repaid at once (bullet). A loan past its maturity stays open while instalments are reported.
-- Reads loans, repayments.
WITH reported AS (
    SELECT
        loan_id,
        max(month) AS last_month,
        max_by(days_past_due, month) FILTER (WHERE days_past_due IS NOT NULL) AS days_past_due
    FROM repayments
    WHERE
        month <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 3 MONTH AS DATE)
    GROUP BY loan_id
)
SELECT
    l.loan_id,
    l.business_id,
    r.days_past_due,
    CAST(l.principal_krw AS DOUBLE) * CASE
        WHEN l.repayment = 'bullet' THEN 1.0
        WHEN l.matures_on <= l.opened_on THEN 1.0
        WHEN l.matures_on <= CAST($as_of AS DATE) THEN 0.0
        WHEN l.matures_on > l.opened_on
            THEN
                CAST(unix_date(l.matures_on) - unix_date(CAST($as_of AS DATE)) AS DOUBLE)
                / CAST(nullif(unix_date(l.matures_on) - unix_date(l.opened_on), 0) AS DOUBLE)
        ELSE 1.0
    END AS owed_krw
FROM loans AS l
LEFT JOIN reported AS r ON r.loan_id = l.loan_id
WHERE
    l.opened_on <= CAST($as_of AS DATE)
    AND is_known(l.available_on, $as_of)
    AND (l.closed_on IS NULL OR l.closed_on > CAST($as_of AS DATE))
    AND (l.matures_on IS NULL OR l.matures_on > CAST($as_of AS DATE) OR r.loan_id IS NOT NULL)
