-- One row per reason group of the default model, all of them, so that they add up to the probability.
SELECT
    drivers.reason,
    drivers.feature,
    drivers.contribution,
    drivers.value,
    drivers.peer_median,
    drivers.base,
    drivers.rank
FROM drivers
JOIN business_scores USING (business_id)
WHERE
    drivers.business_id = $business_id
    AND business_scores.business_id = $business_id
    AND business_scores.manager_id IN $manager_ids
    AND drivers.model = 'default'
ORDER BY drivers.rank
