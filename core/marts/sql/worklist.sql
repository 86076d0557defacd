-- The work list: one row per business that a rule selects, with the expected value of a visit (value_krw) and its place
-- in the manager's order: by that value, then by the gravity of the rule. A business that need not be called now keeps
-- its rule and has the reason (skip) and no place.
WITH named AS (
    SELECT
        scores.*,
        offer.product_id AS offer_product_id,
        offer.is_relief AS offer_is_relief,
        offer.suitability AS offer_suitability,
        offer.expected_value_krw AS offer_expected_krw,
        date_diff('day', last_contact_on, CAST($as_of AS DATE)) AS days_since_contact,
        CASE
            WHEN days_past_due >= $late_dpd THEN 'past_due_30'
            WHEN tier_move < 0 AND tier <= $weak_tier THEN 'tier_down'
            WHEN state IN ('ZERO_2M', 'ZERO_SALES') AND status = 'open' THEN 'no_sales'
            WHEN pd_basis = 'exposed' AND pd_12m >= $pd_floor AND pd_12m >= $pd_up * pd_1m THEN 'pd_up'
            WHEN days_past_due >= $early_dpd THEN 'past_due_5'
            WHEN
                tier <= $weak_tier AND next_maturity_on <= CAST($as_of AS DATE) + to_days($maturity_days)
                THEN 'maturity'
            WHEN tier_move <= -$fall_tiers THEN 'tier_fall'
            WHEN
                tier <= $weak_tier AND exposure_krw > 0
                AND coalesce(last_contact_on, DATE '1900-01-01') < CAST($as_of AS DATE) - to_days($silent_days)
                THEN 'no_contact'
            WHEN tier >= $strong_tier AND tier_move > 0 AND deposit_avg_krw > 0 AND exposure_krw = 0 THEN 'growth'
            WHEN
                offer.expected_value_krw >= $offer_worth_krw
                AND coalesce(last_contact_on, DATE '1900-01-01') < CAST($as_of AS DATE) - to_days($silent_days)
                THEN 'offer'
        END AS rule
    FROM business_scores AS scores
    LEFT JOIN (
        SELECT *
        FROM recommendations
        -- Relief first, then what may be recommended; a product without its suitability record is information only.
        QUALIFY row_number() OVER (
            PARTITION BY business_id ORDER BY is_relief DESC, suitability = 'record_missing', rank
        ) = 1
    ) AS offer
        ON offer.business_id = scores.business_id
        -- Nothing but relief is offered to a business with a late payment.
        AND (offer.is_relief OR coalesce(scores.days_past_due, 0) < $early_dpd)
    WHERE state <> 'CLOSED'
), worth AS (
    SELECT
        *,
        list_position(
            [
                'past_due_30', 'tier_down', 'no_sales', 'pd_up', 'past_due_5', 'maturity', 'tier_fall', 'no_contact',
                'growth', 'offer'
            ],
            rule
        ) AS gravity,
        CASE
            -- From then on the workout desk handles the case.
            WHEN days_past_due >= $workout_dpd THEN 'workout'
            WHEN days_since_contact <= $rest_days THEN 'contacted'
        END AS skip,
        CAST(round(expected_loss_krw * CASE
            WHEN pd_state = 'DEFAULTED' THEN CAST($loss_avoided_defaulted AS DOUBLE) ELSE CAST($loss_avoided AS DOUBLE)
        END) AS BIGINT) AS loss_avoided_krw,
        CAST(round(offer_expected_krw * CAST($offer_by_visit AS DOUBLE)) AS BIGINT) AS offer_value_krw
    FROM named
    WHERE rule IS NOT NULL
)
SELECT
    business_id,
    manager_id,
    CASE
        WHEN skip IS NULL THEN row_number() OVER (
            PARTITION BY manager_id, skip IS NULL ORDER BY value_krw DESC, gravity, score NULLS LAST, business_id
        )
    END AS place,
    rule,
    gravity,
    skip,
    days_since_contact,
    CASE WHEN rule = 'maturity' THEN next_maturity_on END AS due_on,
    expected_loss_krw,
    loss_avoided_krw,
    offer_value_krw,
    value_krw,
    offer_product_id,
    offer_is_relief,
    offer_suitability
FROM (SELECT *, coalesce(loss_avoided_krw, 0) + coalesce(offer_value_krw, 0) AS value_krw FROM worth)
ORDER BY manager_id, place NULLS LAST, value_krw DESC, business_id
