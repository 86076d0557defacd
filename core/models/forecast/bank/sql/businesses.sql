-- Businesses of the revenue forecast with their fixed facts; month numbers are 12 x year + month - 1.
-- Point in time: a closing counts from its day on. $first_slice and $last_slice are bounds of the hash of the id, to
-- train on a part of a large book and to score it in parts.
SELECT
    business_id,
    manager_id,
    coalesce(category, '') AS category,
    coalesce(region, '') AS region,
    industry_code,
    trade_area_code,
    year(opened_on) * 12 + month(opened_on) - 1 AS opened_index,
    year(customer_since) * 12 + month(customer_since) - 1 AS since_index,
    CASE
        WHEN status = 'closed' AND (status_on IS NULL OR status_on <= CAST($as_of AS DATE))
            THEN coalesce(year(status_on) * 12 + month(status_on) - 1, 0)
    END AS closed_index,
    coalesce(status = 'closed' AND (status_on IS NULL OR status_on <= CAST($as_of AS DATE)), FALSE) AS is_closed,
    coalesce(status = 'suspended' AND (status_on IS NULL OR status_on <= CAST($as_of AS DATE)), FALSE) AS is_suspended
FROM businesses
WHERE
    (customer_since IS NULL OR customer_since <= CAST($as_of AS DATE))
    AND (available_on IS NULL OR is_known(available_on, $as_of))
    AND substr(md5(business_id), 1, 3) >= $first_slice
    AND substr(md5(business_id), 1, 3) < $last_slice
ORDER BY business_id
