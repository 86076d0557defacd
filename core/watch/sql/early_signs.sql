-- Early sign of default: of the borrowers on time at each month end, the number 30 days late at one of the next three.
-- Only month ends whose three months are over.
WITH monthly AS (
    SELECT
        loans.business_id,
        last_day(repayments.month) AS as_of,
        max(repayments.days_past_due) AS days_past_due
    FROM repayments
    JOIN loans USING (loan_id)
    WHERE coalesce(loans.closed_on, DATE '9999-12-31') > last_day(repayments.month)
    GROUP BY ALL
), ahead AS (
    SELECT
        as_of,
        days_past_due,
        max(days_past_due) OVER (
            PARTITION BY business_id ORDER BY as_of RANGE BETWEEN INTERVAL 1 DAY FOLLOWING AND INTERVAL 95 DAY FOLLOWING
        ) AS worst
    FROM monthly
)
SELECT
    as_of,
    count(*) AS n,
    count(*) FILTER (WHERE worst >= $late_dpd) AS late
FROM ahead
WHERE
    coalesce(days_past_due, 0) < $late_dpd
    AND worst IS NOT NULL
    AND as_of >= $first_on
    AND as_of <= last_day(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
GROUP BY as_of
ORDER BY as_of
