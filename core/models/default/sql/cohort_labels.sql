-- What became of the loans open at $as_of within $months months: the outcome of each borrower of the population.
-- Only loans that were open at $as_of count: a loan granted later is a later decision, judged at a later as_of.
-- An overdraft alone has no repayment record, so its outcome cannot be seen (no row here).
WITH window_rows AS (
    SELECT o.business_id, max(r.days_past_due) AS worst_dpd, count(r.loan_id) AS reports
    FROM feature_open_loans AS o
    LEFT JOIN repayments AS r
        ON
            r.loan_id = o.loan_id
            AND r.month > CAST($as_of AS DATE)
            AND r.month <= CAST($window_end AS DATE)
    GROUP BY o.business_id
)
SELECT
    p.business_id,
    CASE
        WHEN w.reports = 0 THEN 'unobserved'
        WHEN w.worst_dpd >= $bad_dpd THEN 'bad'
        WHEN w.worst_dpd >= $indeterminate_dpd THEN 'indeterminate'
        ELSE 'good'
    END AS outcome
FROM feature_population AS p
JOIN window_rows AS w ON w.business_id = p.business_id
WHERE p.state = 'OK' AND p.has_loan
