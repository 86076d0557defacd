-- Monthly sales from which the seasonal index is estimated, one row per business and month: at most $sample businesses
-- per cell, drawn by a hash so that the same businesses give the same index. Only what was known on $until; months
-- without sales are left out, as they have no logarithm. Reads businesses, revenue.
WITH ranked AS (
    SELECT
        business_id,
        category,
        coalesce(region, '') AS region,
        row_number() OVER (PARTITION BY category, region ORDER BY md5(business_id), business_id) AS place
    FROM businesses
    WHERE category IS NOT NULL AND (available_on IS NULL OR is_known(available_on, $until))
)
SELECT
    ranked.business_id,
    ranked.category,
    ranked.region,
    year(revenue.month) * 12 + month(revenue.month) - 1 AS month_index,
    ln(CAST(revenue.revenue_krw AS DOUBLE)) AS ln_sales
FROM ranked
JOIN revenue ON revenue.business_id = ranked.business_id
WHERE
    ranked.place <= $sample
    AND revenue.revenue_krw > 0
    AND revenue.month <= CAST($until AS DATE)
    AND is_known(revenue.available_on, $until)
