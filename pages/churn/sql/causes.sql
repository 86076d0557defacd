-- Causes of churn over the whole bank and all complete months; businesses that closed are counted apart.
SELECT
    causes.cause,
    causes.n,
    causes.share,
    months.first_month,
    months.last_month
FROM churn_causes AS causes
CROSS JOIN (
    SELECT
        min(period) AS first_month,
        max(period) AS last_month
    FROM churn_causes
    WHERE period <> 'all'
) AS months
WHERE causes.period = 'all'
ORDER BY causes.share DESC NULLS LAST
