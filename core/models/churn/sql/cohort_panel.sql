-- Rows of one as_of that carry an outcome; `label` is leaving, and a business that closed first has not left.
SELECT
    s.*,
    l.outcome,
    l.cause,
    CASE WHEN l.outcome = 'churned' THEN 1 ELSE 0 END AS label
FROM cohort_snapshot AS s
JOIN cohort_labels AS l ON l.business_id = s.business_id
WHERE l.outcome NOT IN ('leaving_already', 'left_in_gap')
