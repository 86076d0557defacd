-- The newest forecast of next month's revenue with its 80 % interval.
SELECT
    as_of,
    month,
    revenue_krw,
    low80,
    high80
FROM revenue_forecast
WHERE
    business_id = $business_id
    AND manager_id = $manager_id
    AND horizon = 1
    AND revenue_krw IS NOT NULL
ORDER BY as_of DESC
LIMIT 1
