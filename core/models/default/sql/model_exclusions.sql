-- Everybody known at one as_of, by what the default model did with them: learned from (good, bad) or left out, and why.
SELECT
    'default' AS model,
    s.as_of,
    CASE
        WHEN s.state <> 'OK' THEN lower(s.state)
        WHEN l.outcome IS NOT NULL THEN l.outcome
        WHEN s.pd_basis = 'exposed' THEN 'overdraft_only'
        ELSE 'no_exposure'
    END AS reason,
    count(*) AS n
FROM cohort_snapshot AS s
LEFT JOIN cohort_labels AS l ON l.business_id = s.business_id
GROUP BY 1, 2, 3
