-- How the model of leaving did on months that it had not learned from.
SELECT
    metric,
    value,
    low,
    high,
    n,
    positives
FROM model_metrics
WHERE model = 'churn' AND slice = 'all'
ORDER BY metric
