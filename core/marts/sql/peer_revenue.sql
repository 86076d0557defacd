-- Median monthly revenue of the same category and region; no row for a cell of fewer than 10 businesses.
SELECT
    businesses.category,
    businesses.region,
    revenue.month,
    count(*) AS businesses,
    median(revenue.revenue_krw) AS peer_median_krw
FROM revenue
JOIN businesses USING (business_id)
WHERE is_known(revenue.available_on, $as_of) AND revenue.month > CAST($as_of AS DATE) - INTERVAL 37 MONTH
GROUP BY ALL
HAVING count(*) >= 10
