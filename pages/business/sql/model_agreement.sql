-- Share of businesses whose first reason stays first when the model is fitted with other seeds.
SELECT value
FROM model_metrics
WHERE model = $model AND slice = 'all' AND metric = 'top1_reason_agreement'
