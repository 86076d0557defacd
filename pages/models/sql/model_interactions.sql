-- Pairs of features whose effects depend on each other most.
SELECT
    feature_a,
    feature_b,
    strength
FROM model_interactions
WHERE model = $model
ORDER BY strength DESC, feature_a, feature_b
LIMIT $most
