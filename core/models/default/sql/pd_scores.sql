-- One row a business known at the as_of: probability, band, and why there is none.
SELECT
    s.business_id,
    s.as_of,
    r.log_odds,
    r.probability AS pd_12m,
    s.pd_basis,
    CASE
        WHEN r.probability IS NULL THEN NULL
        WHEN r.probability <= $a THEN 'A'
        WHEN r.probability <= $b THEN 'B'
        WHEN r.probability <= $c THEN 'C'
        WHEN r.probability <= $d THEN 'D'
        ELSE 'E'
    END AS band,
    CASE WHEN s.state = 'OK' AND r.probability IS NULL THEN 'NO_MODEL' ELSE s.state END AS state
FROM cohort_snapshot AS s
LEFT JOIN scored_rows AS r ON r.business_id = s.business_id
