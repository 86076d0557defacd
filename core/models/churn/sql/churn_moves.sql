-- The one move of each business in each month, from its state at the end of the month before to that at its own.
WITH paired AS (
    SELECT
        *,
        coalesce(lag(is_active) OVER months, FALSE) AS was_active,
        coalesce(max(CAST(is_active AS INTEGER)) OVER (
            PARTITION BY business_id ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) = 1 AS was_ever_active
    FROM churn_states
    WINDOW months AS (PARTITION BY business_id ORDER BY month)
)
SELECT
    business_id,
    month,
    was_active,
    is_active,
    CASE
        WHEN was_active AND is_active THEN 'stayed'
        WHEN was_active AND is_closed THEN 'closed'
        WHEN was_active THEN 'churned'
        WHEN is_active AND was_ever_active THEN 'reactivated'
        WHEN is_active THEN 'new'
    END AS move,
    CASE WHEN was_active AND NOT is_active AND NOT is_closed THEN cause END AS cause
FROM paired
