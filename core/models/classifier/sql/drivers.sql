-- One row a business and reason group, rank 1 = raises the probability most; all groups, so that they add up.
WITH long AS (
    SELECT
        r.business_id,
        s.category,
        r.base,
        unnest(r.reasons) AS reason,
        unnest(r.contributions) AS contribution,
        unnest(r.contributions_p) AS contribution_p,
        unnest(r.features) AS feature,
        unnest(r.feature_values) AS value,
        unnest(range(1, len(r.reasons) + 1)) AS rank
    FROM scored_rows AS r
    JOIN cohort_snapshot AS s ON s.business_id = r.business_id
)
SELECT
    d.business_id,
    $model AS model,
    d.reason,
    d.contribution,
    d.value,
    CAST(d.rank AS INTEGER) AS rank,
    d.feature,
    m.peer_median,
    d.base,
    d.contribution_p
FROM long AS d
LEFT JOIN feature_medians AS m ON m.category = d.category AND m.feature = d.feature
