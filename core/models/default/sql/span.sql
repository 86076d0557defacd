-- First month of sales, and the last month of repayments as far as most loans have reported it.
WITH reported AS (
    SELECT month, count(*) AS reports
    FROM repayments
    GROUP BY month
)
SELECT
    (SELECT min(month) FROM revenue) AS first_month,
    (SELECT max(month) FROM reported WHERE reports >= 0.5 * (SELECT percentile(reports, 0.5) FROM reported)) AS covered
