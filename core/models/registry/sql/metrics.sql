-- Every figure of a model: of its trial out of time, and of the version that serves.
SELECT model, slice, metric, value, low, high, n, positives
FROM model_metrics
WHERE model IN ($model, $model || '_served')
ORDER BY ALL
