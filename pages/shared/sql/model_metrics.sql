-- Every figure of every model, whole and by slice.
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
ORDER BY model, slice, metric
