-- The four ways of leaving (docs/models.md), each with the month in which it began and the day on which it was certain.
-- "Usual" is the median of the 12 months before (deposit) or of the 6 before (money in). A month that was as quiet a
-- year ago is the season of the shop and no sign.
WITH months AS (
    SELECT
        m.*,
        $left_share * m.usual_inflow_krw AS little_inflow_krw,
        $left_share * m.usual_deposit_krw AS little_deposit_krw,
        m.usual_inflow_krw >= $floor_krw AS had_inflow,
        m.usual_deposit_krw >= $floor_krw AS had_deposit
    FROM churn_months AS m
), signs AS (
    SELECT business_id, month, 'inactivity' AS cause, 2 AS grade, 2 AS later_months, seen_3_on AS seen_on
    FROM months
    WHERE
        silent_months = 3  -- nothing that the customer started for three months, the 90 days of a monthly book
        AND coalesce(silent_year_ago, 0) = 0
        AND (had_inflow OR had_deposit)
    UNION ALL
    SELECT business_id, month, 'outflow' AS cause, 3 AS grade, 3 AS later_months, seen_4_on AS seen_on
    FROM months
    WHERE
        had_deposit
        AND deposit_3m_krw <= little_deposit_krw
        AND deposit_3m_later_krw <= little_deposit_krw  -- and it stays so
        AND (deposit_year_ago_krw IS NULL OR deposit_year_ago_krw > little_deposit_krw)
    UNION ALL
    SELECT business_id, month, 'main_bank_switch' AS cause, 4 AS grade, 1 AS later_months, seen_2_on AS seen_on
    FROM months
    WHERE
        had_inflow
        AND inflow_krw <= little_inflow_krw
        AND inflow_1_krw <= little_inflow_krw
        AND sells = 1  -- the shop goes on selling, the money arrives elsewhere
        AND sells_1 = 1
        AND (inflow_year_ago_krw IS NULL OR inflow_year_ago_krw > little_inflow_krw)
    UNION ALL
    SELECT m.business_id, m.month, 'closure_of_products' AS cause, 1 AS grade, 2 AS later_months, m.seen_3_on AS seen_on
    FROM months AS m
    JOIN churn_endings AS e
        ON e.business_id = m.business_id AND e.ended_on >= m.month AND e.ended_on <= last_day(m.month)
    WHERE
        m.had_inflow  -- an account that goes on working is no end, whatever else was given up
        AND (m.inflow_1_krw <= m.little_inflow_krw OR (m.inflow_1_krw IS NULL AND m.silent_1 = 1))
        AND (m.inflow_2_krw <= m.little_inflow_krw OR (m.inflow_2_krw IS NULL AND m.silent_2 = 1))
), first_of_run AS (
    SELECT *
    FROM (
        SELECT *, lag(month) OVER (PARTITION BY business_id, cause ORDER BY month) AS sign_before
        FROM signs
    ) AS s
    WHERE sign_before IS NULL OR sign_before < month - INTERVAL 1 MONTH
)
SELECT
    f.business_id,
    f.month,
    f.cause,
    f.grade,
    m.gone_on,
    greatest(last_day(f.month + to_months(f.later_months)), f.seen_on) AS known_on,
    -- Back: two months in a row at half of what was usual, or two months with something started by the customer.
    min(k.month) AS back_month
FROM first_of_run AS f
JOIN churn_months AS m ON m.business_id = f.business_id AND m.month = f.month
LEFT JOIN churn_months AS k
    ON
        k.business_id = f.business_id
        AND k.month > f.month
        AND CASE f.cause
            WHEN 'inactivity' THEN k.silent = 0 AND k.silent_1 = 0
            WHEN 'outflow'
                THEN
                    k.deposit_krw >= $back_share * m.usual_deposit_krw
                    AND k.deposit_1_krw >= $back_share * m.usual_deposit_krw
            ELSE k.inflow_krw >= $back_share * m.usual_inflow_krw AND k.inflow_1_krw >= $back_share * m.usual_inflow_krw
        END
GROUP BY f.business_id, f.month, f.cause, f.grade, m.gone_on, f.later_months, f.seen_on
