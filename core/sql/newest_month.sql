-- End of the newest complete month: at least half as many revenue rows as the month before it on average.
-- A month that has only begun to arrive must not make everybody look closed.
WITH months AS (
    SELECT
        month,
        count(*) AS rows_of_month
    FROM revenue
    GROUP BY month
), usual AS (
    SELECT
        month,
        rows_of_month,
        avg(rows_of_month) OVER (ORDER BY month ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS rows_before
    FROM months
)
SELECT last_day(max(month)) AS as_of
FROM usual
WHERE rows_of_month >= 0.5 * coalesce(rows_before, rows_of_month)
