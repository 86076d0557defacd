-- Mean probability and observed rate of a model's bins, with Jeffreys intervals.
SELECT
    bin,
    n,
    mean_p,
    observed,
    low,
    high
FROM model_calibration
WHERE model = $model
ORDER BY bin
