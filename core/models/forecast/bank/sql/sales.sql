-- Monthly sales known on $as_of, with the month in which each figure became known: no forecast of an earlier day may
-- use it. Net sales below zero count as zero; a month without a row is unknown and has no row here either.
SELECT
    r.business_id,
    year(r.month) * 12 + month(r.month) - 1 AS month_index,
    year(r.available_on) * 12 + month(r.available_on) - 1 AS known_index,
    CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) ELSE 0.0 END AS revenue_krw
FROM revenue AS r
WHERE
    r.month <= CAST($as_of AS DATE)
    AND r.month > CAST(CAST($as_of AS DATE) - $months * INTERVAL 1 MONTH AS DATE)
    AND is_known(r.available_on, $as_of)
    AND r.revenue_krw IS NOT NULL
    AND substr(md5(r.business_id), 1, 3) >= $first_slice
    AND substr(md5(r.business_id), 1, 3) < $last_slice
