-- What a warning from $threshold on would have caught and missed on a model's out-of-time rows.
SELECT
    count(*) FILTER (label = 1 AND p >= $threshold) AS tp,
    count(*) FILTER (label = 0 AND p >= $threshold) AS fp,
    count(*) FILTER (label = 1 AND p < $threshold) AS fn,
    count(*) FILTER (label = 0 AND p < $threshold) AS tn,
    min(as_of) AS first_as_of,
    max(as_of) AS last_as_of
FROM model_test
WHERE model = $model
