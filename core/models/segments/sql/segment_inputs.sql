-- Features of segments, one row per business known at $as_of, over its last twelve months. Unknown stays NULL. A mean
-- needs $months known months. An account with less than $floor_krw of payments a month says nothing about spending.
-- Reads businesses, revenue, balances, loans, holdings, segment_scores (the scores of that day).
WITH sales AS (
    SELECT
        business_id,
        count(revenue_krw) AS months,
        avg(CAST(revenue_krw AS DOUBLE)) AS sales_krw,
        sum(CAST(revenue_krw AS DOUBLE)) FILTER (WHERE sales_count > 0 AND revenue_krw > 0) AS counted_krw,
        sum(CAST(sales_count AS DOUBLE)) FILTER (WHERE sales_count > 0 AND revenue_krw > 0) AS sales_count
    FROM revenue
    WHERE
        is_known(available_on, $as_of)
        AND month <= $as_of
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
    GROUP BY business_id
), account AS (
    SELECT
        business_id,
        count(outflow_krw) AS months,
        avg(CAST(outflow_krw AS DOUBLE)) AS outflow_krw,
        count(deposit_avg_krw) AS deposit_months,
        avg(CAST(deposit_avg_krw AS DOUBLE)) AS deposit_krw,
        count(logins) AS login_months,
        avg(CAST(logins AS DOUBLE)) AS logins
    FROM balances
    WHERE
        is_known(available_on, $as_of)
        AND month <= $as_of
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
    GROUP BY business_id
), debt AS (
    SELECT
        business_id,
        sum(CAST(principal_krw AS DOUBLE)) AS borrowed_krw
    FROM loans
    WHERE is_known(available_on, $as_of) AND opened_on <= $as_of AND coalesce(closed_on, DATE '9999-12-31') > $as_of
    GROUP BY business_id
), open_holdings AS (
    SELECT
        business_id,
        CAST(count(*) AS DOUBLE) AS products
    FROM holdings
    WHERE is_known(available_on, $as_of) AND opened_on <= $as_of AND coalesce(closed_on, DATE '9999-12-31') > $as_of
    GROUP BY business_id
), customers AS (
    SELECT
        b.business_id,
        b.status,
        b.status_on,
        o.score,
        o.trend_raw,
        o.vol_raw,
        CASE WHEN s.months >= $months THEN nullif(s.sales_krw, 0.0) END AS sales_krw,
        s.counted_krw,
        s.sales_count,
        CASE WHEN a.months >= $months THEN a.outflow_krw END AS outflow_krw,
        CASE WHEN a.deposit_months >= $months THEN greatest(a.deposit_krw, 10000.0) END AS deposit_krw,
        CASE WHEN a.login_months >= $months THEN a.logins END AS logins,
        CASE WHEN $has_loans THEN coalesce(d.borrowed_krw, 0.0) END AS borrowed_krw,
        CASE WHEN $has_holdings THEN coalesce(h.products, 0.0) END AS products
    FROM businesses AS b
    LEFT JOIN segment_scores AS o ON o.business_id = b.business_id
    LEFT JOIN sales AS s ON s.business_id = b.business_id
    LEFT JOIN account AS a ON a.business_id = b.business_id
    LEFT JOIN debt AS d ON d.business_id = b.business_id
    LEFT JOIN open_holdings AS h ON h.business_id = b.business_id
    WHERE is_known(b.available_on, $as_of)
)
SELECT
    business_id,
    CASE WHEN status = 'closed' AND status_on <= $as_of THEN 'CLOSED' ELSE 'OPEN' END AS state,
    ln(sales_krw) AS income,
    ln(CASE WHEN outflow_krw >= $floor_krw THEN outflow_krw END) AS spend,
    100.0 - score AS risk,
    trend_raw AS growth,
    vol_raw AS volatility,
    ln(deposit_krw / CASE WHEN outflow_krw >= $floor_krw THEN outflow_krw END) AS cushion,
    CASE WHEN sales_krw IS NOT NULL THEN ln(counted_krw / nullif(sales_count, 0.0)) END AS ticket,
    ln(1.0 + logins) AS logins,
    products,
    ln(1.0 + borrowed_krw / sales_krw) AS borrowing
FROM customers
ORDER BY business_id
