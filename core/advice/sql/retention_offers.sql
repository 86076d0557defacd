-- One row per business that may leave, in the manager's order: the offer of the highest expected value that answers one
-- of its reasons, else the offer of the highest value. No offer where none is worth its cost, and none for the hold-out
-- group (is_held_out in core/sql/macros.sql).
WITH ranked AS (
    SELECT
        *,
        is_held_out(business_id, $campaign, $holdout_share) AS holdout,
        row_number() OVER (
            PARTITION BY business_id
            ORDER BY expected_value_krw > 0 DESC, for_reason IS NOT NULL DESC, expected_value_krw DESC, offer
        ) AS choice
    FROM retention_choices
)
SELECT
    business_id,
    manager_id,
    row_number() OVER (PARTITION BY manager_id ORDER BY expected_value_krw DESC, business_id) AS rank,
    churn_level,
    churn_3m,
    CASE WHEN expected_value_krw > 0 AND NOT holdout THEN offer END AS offer,
    CASE WHEN expected_value_krw > 0 AND NOT holdout THEN for_reason END AS for_reason,
    clv_krw,
    at_stake_krw,
    CASE WHEN expected_value_krw > 0 AND NOT holdout THEN cost_krw END AS cost_krw,
    expected_value_krw,
    FALSE AS effect_verified,
    holdout,
    $campaign AS campaign
FROM ranked
WHERE choice = 1
ORDER BY manager_id, rank
