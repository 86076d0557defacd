-- Out-of-time accuracy of the revenue forecasts over all businesses and periods, a row per model and horizon: the
-- error, and the share of months inside the 80 % and the 95 % interval.
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
