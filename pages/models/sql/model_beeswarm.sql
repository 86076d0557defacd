-- Contributions of a model's $most heaviest features in a sample of $rows businesses.
SELECT
    beeswarm.feature,
    beeswarm.value_pct,
    beeswarm.contribution
FROM model_beeswarm AS beeswarm
JOIN model_importance AS importance ON importance.model = beeswarm.model AND importance.feature = beeswarm.feature
WHERE beeswarm.model = $model
QUALIFY
    dense_rank() OVER (ORDER BY importance.mean_abs DESC, beeswarm.feature) <= $most
    AND dense_rank() OVER (ORDER BY beeswarm.row) <= $rows
ORDER BY importance.mean_abs DESC, beeswarm.feature, beeswarm.row
