-- Whether the churn model may speak of each known customer at $as_of (state OK), or why not.
-- Active: the customer started something in the newest month, and the account carries more than a trifle.
-- Away: a sign of leaving that was certain by $as_of and from which the customer had not come back by then. Signs and
-- not spells: joining signs to a spell looks at later ones.
WITH account AS (
    SELECT
        business_id,
        count(*) AS observed_months,
        max_by(logins, month) AS logins,
        max_by(inflow_krw, month) AS inflow_krw,
        max_by(deposit_avg_krw, month) AS deposit_krw,
        max(month) AS newest_month
    FROM balances
    WHERE
        month <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
    GROUP BY business_id
), away AS (
    SELECT DISTINCT business_id
    FROM churn_signs
    WHERE
        known_on <= CAST($as_of AS DATE)
        AND (back_month IS NULL OR back_month + INTERVAL 1 MONTH > CAST($as_of AS DATE))
)
SELECT
    p.business_id,
    CASE
        WHEN p.state = 'CLOSED' THEN 'CLOSED'
        WHEN a.business_id IS NULL THEN 'NO_ACCOUNT'
        WHEN w.business_id IS NOT NULL THEN 'LEFT'
        WHEN a.observed_months < $min_account_months THEN 'SHORT'
        WHEN a.newest_month <= CAST($as_of AS DATE) - INTERVAL 1 MONTH THEN 'NOT_ACTIVE'
        WHEN NOT (coalesce(a.inflow_krw, 0) > 0 OR coalesce(a.logins, 0) > 0) THEN 'NOT_ACTIVE'
        WHEN coalesce(a.inflow_krw, 0) < $floor_krw AND coalesce(a.deposit_krw, 0) < $floor_krw THEN 'NOT_ACTIVE'
        ELSE 'OK'
    END AS state
FROM feature_population AS p
LEFT JOIN account AS a ON a.business_id = p.business_id
LEFT JOIN away AS w ON w.business_id = p.business_id
