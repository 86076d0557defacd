-- Correlation of a model's features, all pairs.
SELECT
    feature_a,
    feature_b,
    correlation
FROM feature_correlation
WHERE model = $model
