-- Mean contribution of each reason group in log-odds among the tenth of the book (at least ten customers) most likely
-- to leave, and for how many of them it is the first reason.
WITH active AS (
    SELECT
        business_id,
        row_number() OVER (ORDER BY churn_3m DESC, business_id) AS place,
        count(*) OVER () AS customers
    FROM business_scores
    WHERE manager_id IN $manager_ids AND churn_3m IS NOT NULL
), likeliest AS (
    SELECT business_id
    FROM active
    WHERE place <= greatest(10, ceil(customers / 10))
)
SELECT
    drivers.reason,
    avg(drivers.contribution) AS contribution,
    count(*) FILTER (WHERE drivers.rank = 1) AS first_of,
    count(*) AS n
FROM drivers
JOIN likeliest USING (business_id)
WHERE drivers.model = 'churn'
GROUP BY drivers.reason
ORDER BY contribution DESC, drivers.reason
