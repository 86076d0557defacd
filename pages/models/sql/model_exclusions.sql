-- Businesses that a model was not trained on, by reason, over all cohorts.
SELECT
    reason,
    CAST(sum(n) AS BIGINT) AS n,
    count(DISTINCT as_of) AS cohorts,
    min(as_of) AS first_as_of,
    max(as_of) AS last_as_of
FROM model_exclusions
WHERE model = $model
GROUP BY reason
ORDER BY n DESC
