-- Figures of the models over all rows they were judged on.
SELECT
    model,
    slice,
    metric,
    value,
    low,
    high,
    n,
    positives
FROM model_metrics
WHERE slice = 'all'
ORDER BY model, metric
