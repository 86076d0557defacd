-- One row per business and month of the last 36 months; absent revenue is NULL, never zero.
-- Expects peer_revenue (median by category, region, month).
WITH calendar AS (
    SELECT CAST(unnest(generate_series(
        date_trunc('month', CAST($as_of AS DATE)) - INTERVAL 35 MONTH,
        date_trunc('month', CAST($as_of AS DATE)),
        INTERVAL 1 MONTH
    )) AS DATE) AS month
)
SELECT
    businesses.business_id,
    businesses.manager_id,
    calendar.month,
    revenue.revenue_krw,
    peer_revenue.peer_median_krw,
    season_index.ln_si
FROM businesses
CROSS JOIN calendar
LEFT JOIN revenue
    ON
        revenue.business_id = businesses.business_id
        AND revenue.month = calendar.month
        AND is_known(revenue.available_on, $as_of)
LEFT JOIN peer_revenue
    ON
        peer_revenue.category = businesses.category
        AND peer_revenue.region = businesses.region
        AND peer_revenue.month = calendar.month
LEFT JOIN season_index
    ON
        season_index.category = businesses.category
        AND season_index.region = businesses.region
        AND season_index.month = calendar.month
WHERE calendar.month >= coalesce(date_trunc('month', businesses.opened_on), calendar.month)
ORDER BY businesses.business_id, calendar.month
