-- Rows of one as_of that carry an outcome; `label` counts an indeterminate outcome as not bad.
SELECT
    s.*,
    l.outcome,
    CASE WHEN l.outcome = 'bad' THEN 1 ELSE 0 END AS label
FROM cohort_snapshot AS s
JOIN cohort_labels AS l ON l.business_id = s.business_id
WHERE l.outcome <> 'unobserved'
