-- Figures of one model by week or month end.
SELECT *
FROM watch_performance
WHERE model = $model AND unit = $unit
ORDER BY to_on, metric
