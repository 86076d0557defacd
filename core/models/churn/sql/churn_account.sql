-- How the account was used up to $as_of: the newest month and quarter against what was usual, and what share of the
-- sales comes to us. Sudden moves are what a customer does weeks before leaving; slow ones say how near he is to us.
WITH observed AS (
    SELECT
        p.business_id,
        CASE WHEN b.deposit_avg_krw < 0 THEN 0.0 ELSE CAST(b.deposit_avg_krw AS DOUBLE) END AS deposit_krw,
        CAST(b.inflow_krw AS DOUBLE) AS inflow_krw,
        CAST(b.card_settlement_krw AS DOUBLE) AS card_krw,
        CAST(b.autopay_count AS DOUBLE) AS autopay_count,
        CAST(b.logins AS DOUBLE) AS logins,
        CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) END AS revenue_krw,
        (year(CAST($as_of AS DATE)) - year(b.month)) * 12 + month(CAST($as_of AS DATE)) - month(b.month) AS age
    FROM feature_population AS p
    JOIN balances AS b ON b.business_id = p.business_id
    LEFT JOIN revenue AS r
        ON r.business_id = b.business_id AND r.month = b.month AND is_known(r.available_on, $as_of)
    WHERE
        b.month <= CAST($as_of AS DATE)
        AND is_known(b.available_on, $as_of)
        AND b.month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
), sums AS (
    SELECT
        business_id,
        max(logins) FILTER (WHERE age = 0) AS logins_0,
        avg(logins) FILTER (WHERE age BETWEEN 1 AND 6) AS logins_before,
        avg(logins) AS logins_year,
        max(autopay_count) FILTER (WHERE age = 0) AS autopay_0,
        avg(autopay_count) FILTER (WHERE age BETWEEN 4 AND 11) AS autopay_before,
        max(autopay_count) AS autopay_most,
        max(inflow_krw) FILTER (WHERE age = 0) AS inflow_0,
        avg(inflow_krw) FILTER (WHERE age BETWEEN 1 AND 6) AS inflow_before,
        max(deposit_krw) FILTER (WHERE age = 0) AS deposit_0,
        avg(deposit_krw) FILTER (WHERE age BETWEEN 1 AND 6) AS deposit_before,
        sum(inflow_krw) FILTER (WHERE age < 3 AND revenue_krw IS NOT NULL) AS inflow_3,
        sum(revenue_krw) FILTER (WHERE age < 3 AND inflow_krw IS NOT NULL) AS sales_3,
        sum(inflow_krw) FILTER (WHERE age >= 3 AND revenue_krw IS NOT NULL) AS inflow_9,
        sum(revenue_krw) FILTER (WHERE age >= 3 AND inflow_krw IS NOT NULL) AS sales_9,
        sum(card_krw) FILTER (WHERE age < 3 AND revenue_krw IS NOT NULL) AS card_3,
        sum(card_krw) FILTER (WHERE age >= 3 AND revenue_krw IS NOT NULL) AS card_9
    FROM observed
    GROUP BY business_id
)
SELECT
    business_id,
    ln((logins_0 + 1.0) / (logins_before + 1.0)) AS logins_last_month,
    logins_year AS logins_a_month,
    autopay_0 - autopay_before AS autopay_last_month,
    autopay_0 / nullif(autopay_most, 0.0) AS autopay_share_left,
    ln((inflow_0 + 10000.0) / (inflow_before + 10000.0)) AS inflow_last_month,
    ln((deposit_0 + 10000.0) / (deposit_before + 10000.0)) AS deposit_last_month,
    inflow_3 / nullif(sales_3, 0.0) AS inflow_share_3m,
    inflow_3 / nullif(sales_3, 0.0) - inflow_9 / nullif(sales_9, 0.0) AS inflow_share_change,
    card_3 / nullif(sales_3, 0.0) - card_9 / nullif(sales_9, 0.0) AS card_share_change
FROM sums
