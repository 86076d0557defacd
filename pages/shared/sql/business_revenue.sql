-- One row per month of the last 36, the peers' median beside it; a month that never arrived is NULL.
SELECT
    month,
    revenue_krw,
    peer_median_krw
FROM business_revenue
WHERE business_id = $business_id AND manager_id IN $manager_ids
ORDER BY month
