-- Is the customer active at the end of each month? Open, with an account, and not away.
SELECT
    m.business_id,
    m.month,
    m.gone_on IS NOT NULL AND m.gone_on <= last_day(m.month) AS is_closed,
    any_value(s.cause) AS cause,
    count(s.business_id) = 0 AND (m.gone_on IS NULL OR m.gone_on > last_day(m.month)) AS is_active
FROM churn_months AS m
LEFT JOIN churn_spells AS s
    ON
        s.business_id = m.business_id
        AND NOT s.is_closing
        AND s.month <= m.month
        AND (s.back_month IS NULL OR s.back_month > m.month)
GROUP BY m.business_id, m.month, m.gone_on
