-- What moves the chance of leaving over the book: mean contribution of each reason group in log-odds, among those who
-- are watched (watch and above) and among all, and for how many it is the first reason.
SELECT
    drivers.reason,
    avg(drivers.contribution) FILTER (WHERE business_scores.churn_level <> 'normal') AS watched,
    avg(drivers.contribution) AS everybody,
    count(*) FILTER (WHERE business_scores.churn_level <> 'normal' AND drivers.rank = 1) AS first_of,
    count(*) FILTER (WHERE business_scores.churn_level <> 'normal') AS watched_n,
    count(*) AS n
FROM drivers
JOIN business_scores USING (business_id)
WHERE drivers.model = 'churn' AND business_scores.manager_id IN $manager_ids
GROUP BY drivers.reason
ORDER BY watched DESC NULLS LAST, everybody DESC, drivers.reason
