-- Everybody known at one as_of, by what the churn model did with them: learned from, or left out, and why.
SELECT
    'churn' AS model,
    s.as_of,
    CASE WHEN s.state <> 'OK' THEN lower(s.state) ELSE l.outcome END AS reason,
    count(*) AS n
FROM cohort_snapshot AS s
LEFT JOIN cohort_labels AS l ON l.business_id = s.business_id
GROUP BY 1, 2, 3
