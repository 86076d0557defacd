-- First month with sales and accounts, and the last month as far as most accounts have been reported.
WITH reported AS (
    SELECT month, count(*) AS reports
    FROM balances
    GROUP BY month
)
SELECT
    greatest((SELECT min(month) FROM revenue), (SELECT min(month) FROM balances)) AS first_month,
    CASE
        WHEN (SELECT count(*) FROM revenue) > 0
            THEN
                (SELECT max(month) FROM reported WHERE reports >= 0.5 * (SELECT percentile(reports, 0.5) FROM reported))
    END
        AS covered
