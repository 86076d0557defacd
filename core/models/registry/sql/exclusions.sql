-- Rows that were left out of training or test, by reason.
SELECT reason, CAST(sum(n) AS BIGINT) AS n
FROM model_exclusions
WHERE model = $model
GROUP BY reason
ORDER BY reason
