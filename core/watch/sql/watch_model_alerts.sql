-- What is wrong with the models at the newest month end: columns that drifted, gates missed beyond chance. One row an
-- alert; its key names the question and no date, so that the same trouble in the next build is the same alert.
-- What is measured over the last seven days speaks for them; what needs more failures than they have, the week.
WITH told AS (
    SELECT *
    FROM watch_performance AS figures
    WHERE state = 'matured' AND (
        unit <> 'week'
        OR NOT EXISTS (
            SELECT 1
            FROM watch_performance AS daily
            WHERE daily.unit = 'rolling' AND daily.model = figures.model AND daily.metric = figures.metric
        )
    )
), newest AS (
    SELECT
        model,
        unit,
        metric,
        max(to_on) AS to_on
    FROM told
    GROUP BY model, unit, metric
)
SELECT
    'drift:' || model || ':' || against || ':' || kind || ':' || feature AS alert_id,
    'drift' AS rule,
    -- A shift that puts next to nobody into another tier is worth knowing, not worth a morning.
    CASE WHEN up + down < $moved_share * compared THEN 'watch' ELSE level END AS severity,
    model,
    feature AS subject,
    kind,
    against,
    CAST($as_of AS DATE) AS as_of,
    d AS value,
    CAST(NULL AS DOUBLE) AS gate,
    up + down AS customers
FROM watch_drift
WHERE level <> 'stable'
UNION ALL
SELECT
    'gate:' || model || ':' || metric,
    'gate',
    CASE WHEN metric = 'expected_to_observed' THEN 'warning' ELSE 'critical' END,
    model,
    metric,
    unit,
    CAST(NULL AS VARCHAR),
    least(to_on, CAST($as_of AS DATE)),
    value,
    gate,
    NULL
FROM told
JOIN newest USING (model, unit, metric, to_on)
WHERE missed
ORDER BY alert_id
