-- What a model leans on: mean size of a feature's contributions, in log-odds.
SELECT
    feature,
    reason,
    mean_abs
FROM model_importance
WHERE model = $model
ORDER BY mean_abs DESC, feature
LIMIT $most
