-- Features of the loans up to $as_of, one row per business: arrears and payments of all its loans, also of closed ones,
-- and the principal that it still owes. Reads feature_population, loans, repayments, feature_open_loans.
WITH observed AS (
    SELECT
        p.business_id,
        CAST(r.days_past_due AS DOUBLE) AS days_past_due,
        CAST(r.due_krw AS DOUBLE) AS due_krw,
        CAST(r.paid_krw AS DOUBLE) AS paid_krw,
        (year(CAST($as_of AS DATE)) - year(r.month)) * 12 + month(CAST($as_of AS DATE)) - month(r.month) AS age
    FROM feature_population AS p
    JOIN loans AS l ON l.business_id = p.business_id
    JOIN repayments AS r ON r.loan_id = l.loan_id
    WHERE
        r.month <= CAST($as_of AS DATE)
        AND is_known(r.available_on, $as_of)
        AND r.month > CAST(CAST($as_of AS DATE) - INTERVAL 24 MONTH AS DATE)
), arrears AS (
    SELECT
        business_id,
        -- The newest month may be reported a month late; an older one does not describe the present.
        coalesce(max(days_past_due) FILTER (WHERE age = 0), max(days_past_due) FILTER (WHERE age = 1)) AS dpd_now,
        max(days_past_due) FILTER (WHERE age < 12) AS dpd_max_12m,
        coalesce(min(age) FILTER (WHERE days_past_due >= 5), 24) AS months_since_late,
        count(*) FILTER (WHERE days_past_due >= 5 AND age < 12) AS late_payments_12m,
        sum(paid_krw) FILTER (WHERE age < 6) AS paid_6,
        sum(due_krw) FILTER (WHERE age < 6) AS due_6,
        sum(due_krw) FILTER (WHERE age < 3) AS due_3
    FROM observed
    GROUP BY business_id
), principal AS (
    SELECT business_id, sum(owed_krw) AS owed_krw
    FROM feature_open_loans
    GROUP BY business_id
)
SELECT
    p.business_id,
    r.dpd_now,
    r.dpd_max_12m,
    r.months_since_late,
    r.late_payments_12m,
    r.paid_6 / nullif(r.due_6, 0.0) AS paid_share_6m,
    r.due_3 / 3.0 AS instalment_month_krw,
    o.owed_krw
FROM feature_population AS p
LEFT JOIN arrears AS r ON r.business_id = p.business_id
LEFT JOIN principal AS o ON o.business_id = p.business_id
