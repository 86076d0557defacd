-- The account month by month: one row a business and month from its first account row to $covered, closed months left
-- out. Beside each month stand what was usual before it and what came after it; the four causes are read from this.
WITH calendar AS (
    SELECT DISTINCT month
    FROM balances
    WHERE month <= CAST($covered AS DATE)
), life AS (
    SELECT business_id, min(month) AS first_month
    FROM balances
    GROUP BY business_id
), grid AS (
    SELECT
        l.business_id,
        c.month,
        CASE WHEN b.status = 'closed' THEN b.status_on END AS gone_on
    FROM life AS l
    JOIN businesses AS b ON b.business_id = l.business_id
    JOIN calendar AS c ON c.month >= l.first_month
    WHERE b.status <> 'closed' OR c.month <= b.status_on
), seen AS (
    SELECT
        g.business_id,
        g.month,
        g.gone_on,
        b.available_on,
        CAST(b.inflow_krw AS DOUBLE) AS inflow_krw,
        CASE WHEN b.deposit_avg_krw < 0 THEN 0.0 ELSE CAST(b.deposit_avg_krw AS DOUBLE) END AS deposit_krw,
        -- What the customer starts: money coming in, or a log-in. Money going out goes on by itself (standing payments,
        -- fees). No row at all is an account that is gone; a row without figures is unknown, not silent.
        CASE
            WHEN b.business_id IS NULL THEN 1
            WHEN b.inflow_krw > 0 OR b.logins > 0 THEN 0
            WHEN b.inflow_krw IS NULL THEN NULL
            ELSE 1
        END AS silent,
        CASE WHEN r.revenue_krw > 0 THEN 1 ELSE 0 END AS sells
    FROM grid AS g
    LEFT JOIN balances AS b ON b.business_id = g.business_id AND b.month = g.month
    LEFT JOIN revenue AS r ON r.business_id = g.business_id AND r.month = g.month
)
SELECT
    business_id,
    month,
    gone_on,
    inflow_krw,
    deposit_krw,
    silent,
    sells,
    CASE WHEN count(inflow_krw) OVER before_6 >= 3 THEN median(inflow_krw) OVER before_6 END AS usual_inflow_krw,
    CASE WHEN count(deposit_krw) OVER before_12 >= 6 THEN median(deposit_krw) OVER before_12 END AS usual_deposit_krw,
    lag(silent, 12) OVER months AS silent_year_ago,
    lag(inflow_krw, 12) OVER months AS inflow_year_ago_krw,
    lag(deposit_krw, 12) OVER months AS deposit_year_ago_krw,
    sum(silent) OVER next_3 AS silent_months,
    lead(inflow_krw, 1) OVER months AS inflow_1_krw,
    lead(inflow_krw, 2) OVER months AS inflow_2_krw,
    lead(silent, 1) OVER months AS silent_1,
    lead(silent, 2) OVER months AS silent_2,
    lead(sells, 1) OVER months AS sells_1,
    CASE WHEN count(deposit_krw) OVER next_3 = 3 THEN avg(deposit_krw) OVER next_3 END AS deposit_3m_krw,
    CASE WHEN count(deposit_krw) OVER from_1_to_3 = 3 THEN avg(deposit_krw) OVER from_1_to_3 END
        AS deposit_3m_later_krw,
    lead(deposit_krw, 1) OVER months AS deposit_1_krw,
    max(available_on) OVER next_2 AS seen_2_on,
    max(available_on) OVER next_3 AS seen_3_on,
    max(available_on) OVER next_4 AS seen_4_on
FROM seen
WINDOW
    months AS (PARTITION BY business_id ORDER BY month),
    before_6 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN 6 PRECEDING AND 1 PRECEDING),
    before_12 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING),
    next_3 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING),
    from_1_to_3 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING),
    next_2 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING),
    next_4 AS (PARTITION BY business_id ORDER BY month ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING)
