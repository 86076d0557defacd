-- Why customers left, by month of leaving and over all months whose outcome is complete ('all').
-- `share` is of the four causes together; business_closed is the competing end, counted beside them without a share.
WITH ends AS (
    SELECT strftime(month, '%Y-%m') AS period, coalesce(cause, 'business_closed') AS cause
    FROM churn_moves
    WHERE
        move IN ('churned', 'closed')
        AND month > (SELECT min(month) FROM churn_moves) + INTERVAL 11 MONTH
        AND month <= CAST($covered AS DATE) - INTERVAL 3 MONTH
), counted AS (
    SELECT coalesce(period, 'all') AS period, cause, count(*) AS n
    FROM ends
    GROUP BY GROUPING SETS ((period, cause), (cause))
)
SELECT
    period,
    cause,
    n,
    CASE
        WHEN cause <> 'business_closed'
            THEN
                n / sum(n) FILTER (WHERE cause <> 'business_closed') OVER (PARTITION BY period)
    END AS share
FROM counted
ORDER BY period, cause
