-- What the season did a year ago in the months now ahead of $as_of: sales of those three months against the year's
-- mean. A shop that is always silent then is not leaving.
WITH observed AS (
    SELECT
        p.business_id,
        CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) ELSE 0.0 END AS revenue_krw,
        (year(CAST($as_of AS DATE)) - year(r.month)) * 12 + month(CAST($as_of AS DATE)) - month(r.month) AS age
    FROM feature_population AS p
    JOIN revenue AS r ON r.business_id = p.business_id
    WHERE
        r.month <= CAST($as_of AS DATE)
        AND is_known(r.available_on, $as_of)
        AND r.month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
        AND r.revenue_krw IS NOT NULL
), sums AS (
    SELECT
        business_id,
        count(*) AS months,
        count(*) FILTER (WHERE age BETWEEN 9 AND 11) AS months_ahead,
        avg(revenue_krw) AS mean_year,
        avg(revenue_krw) FILTER (WHERE age BETWEEN 9 AND 11) AS mean_ahead
    FROM observed
    GROUP BY business_id
)
SELECT
    business_id,
    CASE
        WHEN months >= 9 AND months_ahead >= 2
            THEN
                ln((mean_ahead + 10000.0) / (mean_year + 10000.0))
    END AS season_ahead
FROM sums
