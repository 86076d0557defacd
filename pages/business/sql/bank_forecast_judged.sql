-- How well the bank's own revenue forecasts did out of time: error of what is served, and of repeating the last value,
-- beside the share of actual months inside each interval; over all businesses and periods, a row per horizon.
SELECT
    accuracy.model,
    accuracy.horizon,
    accuracy.n,
    accuracy.wape,
    max(coverage.coverage) FILTER (WHERE round(coverage.nominal, 2) = 0.80) AS covered_80,
    max(coverage.coverage) FILTER (WHERE round(coverage.nominal, 2) = 0.95) AS covered_95
FROM forecast_accuracy AS accuracy
LEFT JOIN forecast_coverage AS coverage
    ON
        coverage.source = accuracy.source
        AND coverage.horizon = accuracy.horizon
        AND coverage.level = 'all'
        AND coverage.period = 'all'
WHERE accuracy.source = 'bank' AND accuracy.period = 'all' AND accuracy.level = 'all'
GROUP BY ALL
ORDER BY accuracy.model, accuracy.horizon
