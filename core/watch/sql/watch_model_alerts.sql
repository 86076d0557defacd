-- Alerts on the models at the newest month end: columns that drifted, gates missed beyond chance. One row an alert. Its
-- key has no date, so that the same trouble in the next build is the same alert. A metric of the last seven days is
-- preferred; one that needs more failures than they have is taken from the newest week.
WITH certain AS (
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
    FROM certain
    GROUP BY model, unit, metric
)
SELECT
    'drift:' || model || ':' || against || ':' || kind || ':' || feature AS alert_id,
    'drift' AS rule,
    -- Drift that puts almost nobody into another tier is information, not work.
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
FROM certain
JOIN newest USING (model, unit, metric, to_on)
WHERE missed
ORDER BY alert_id
