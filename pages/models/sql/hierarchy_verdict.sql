-- Does the hierarchy of 79 models beat the one model of all businesses, and what serves?
SELECT
    pays,
    difference,
    low,
    high,
    used_models,
    weighted_models,
    worst_cell,
    worst,
    served,
    baseline,
    reason
FROM hierarchy_verdict
