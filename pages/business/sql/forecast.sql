-- Forecast revenue of the next three months with its intervals, a row per month.
SELECT
    as_of,
    horizon,
    month,
    revenue_krw,
    low80,
    high80,
    low95,
    high95,
    source,
    state
FROM revenue_forecast
WHERE business_id = $business_id AND manager_id IN $manager_ids
ORDER BY month
