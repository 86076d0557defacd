-- Whom to call first: one row per business that some rule names, in the RM's order, at most $rows each.
-- Order: the gravest rule first, inside a rule the largest expected loss.
WITH named AS (
    SELECT
        *,
        CASE
            -- From 120 days on the workout desk has the case: no news for a morning call.
            WHEN days_past_due >= 30 AND days_past_due < 120 THEN 'past_due_30'
            WHEN tier_move <= -1 AND tier <= 2 THEN 'tier_down'
            WHEN state IN ('ZERO_2M', 'ZERO_SALES') AND status = 'open' THEN 'no_sales'
            WHEN pd_basis = 'exposed' AND pd_12m >= 0.04 AND pd_12m >= 1.5 * pd_1m THEN 'pd_up'
            WHEN days_past_due >= 5 AND days_past_due < 30 THEN 'past_due_5'
            WHEN tier <= 2 AND next_maturity_on <= CAST($as_of AS DATE) + INTERVAL 60 DAY THEN 'maturity'
            WHEN tier_move <= -2 THEN 'tier_fall'
            WHEN tier <= 2 AND exposure_krw > 0
                AND coalesce(last_contact_on, DATE '1900-01-01') < CAST($as_of AS DATE) - INTERVAL 90 DAY
                THEN 'no_contact'
            WHEN tier >= 4 AND tier_move >= 1 AND deposit_avg_krw > 0 AND exposure_krw = 0 THEN 'growth'
        END AS rule
    FROM business_scores
    WHERE state <> 'CLOSED'
), graded AS (
    SELECT
        *,
        list_position(
            [
                'past_due_30', 'tier_down', 'no_sales', 'pd_up', 'past_due_5', 'maturity', 'tier_fall', 'no_contact',
                'growth'
            ],
            rule
        ) AS gravity
    FROM named
    WHERE rule IS NOT NULL
)
SELECT
    business_id,
    manager_id,
    row_number() OVER (
        PARTITION BY manager_id
        ORDER BY gravity, expected_loss_krw DESC NULLS LAST, score NULLS LAST, business_id
    ) AS place,
    rule,
    CASE WHEN rule = 'maturity' THEN next_maturity_on END AS due_on,
    expected_loss_krw
FROM graded
QUALIFY place <= $rows
ORDER BY manager_id, place
