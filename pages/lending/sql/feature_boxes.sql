-- Distribution of a model's $most heaviest features by outcome.
SELECT
    boxes.feature,
    boxes.outcome,
    boxes.n,
    boxes.low,
    boxes.q1,
    boxes.median,
    boxes.q3,
    boxes.high
FROM feature_boxes AS boxes
JOIN model_importance AS importance ON importance.model = boxes.model AND importance.feature = boxes.feature
WHERE boxes.model = $model
QUALIFY dense_rank() OVER (ORDER BY importance.mean_abs DESC, boxes.feature) <= $most
ORDER BY importance.mean_abs DESC, boxes.feature, boxes.outcome
