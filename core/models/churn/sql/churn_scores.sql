-- One row a business known at the as_of: chance of leaving, its level, and why there is none.
SELECT
    s.business_id,
    s.as_of,
    r.log_odds,
    r.probability AS churn_3m,
    CASE
        WHEN r.probability IS NULL THEN NULL
        WHEN r.probability < $watch THEN 'normal'
        WHEN r.probability < $risk THEN 'watch'
        WHEN r.probability < $severe THEN 'risk'
        ELSE 'severe'
    END AS level,
    CASE WHEN s.state = 'OK' AND r.probability IS NULL THEN 'NO_MODEL' ELSE s.state END AS state
FROM cohort_snapshot AS s
LEFT JOIN scored_rows AS r ON r.business_id = s.business_id
