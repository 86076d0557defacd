-- Spread of a model's heaviest features by outcome.
WITH heaviest AS (
    SELECT
        feature,
        mean_abs
    FROM model_importance
    WHERE model = $model
    ORDER BY mean_abs DESC, feature
    LIMIT $most
)

SELECT
    b.feature,
    b.outcome,
    b.n,
    b.low,
    b.q1,
    b.median,
    b.q3,
    b.high
FROM feature_boxes AS b
JOIN heaviest AS h ON b.feature = h.feature
WHERE b.model = $model
ORDER BY h.mean_abs DESC, b.feature, b.outcome
