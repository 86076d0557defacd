-- Money that came into the accounts each month, as known on $as_of. Balances are known before the sales are reported.
SELECT
    b.business_id,
    year(b.month) * 12 + month(b.month) - 1 AS month_index,
    year(b.available_on) * 12 + month(b.available_on) - 1 AS known_index,
    CAST(b.inflow_krw AS DOUBLE) AS inflow_krw,
    CAST(b.card_settlement_krw AS DOUBLE) AS card_krw,
    CASE WHEN b.deposit_avg_krw < 0 THEN 0.0 ELSE CAST(b.deposit_avg_krw AS DOUBLE) END AS deposit_krw
FROM balances AS b
WHERE
    b.month <= CAST($as_of AS DATE)
    AND b.month > CAST(CAST($as_of AS DATE) - $months * INTERVAL 1 MONTH AS DATE)
    AND is_known(b.available_on, $as_of)
    AND substr(md5(b.business_id), 1, 3) >= $first_slice
    AND substr(md5(b.business_id), 1, 3) < $last_slice
