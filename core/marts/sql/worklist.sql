-- Whom to call: one row per business that some rule names, with what a visit is worth, and its place in the manager's
-- order. Order: the worth of a visit, then the gravest rule. Who need not be called now keeps the rule and says why
-- (skip).
WITH named AS (
    SELECT
        scores.*,
        offer.product_id AS offer_product_id,
        offer.is_relief AS offer_is_relief,
        offer.suitability AS offer_suitability,
        offer.expected_value_krw AS offer_expected_krw,
        date_diff('day', last_contact_on, CAST($as_of AS DATE)) AS days_since_contact,
        CASE
            WHEN days_past_due >= 30 THEN 'past_due_30'
            WHEN tier_move <= -1 AND tier <= 2 THEN 'tier_down'
            WHEN state IN ('ZERO_2M', 'ZERO_SALES') AND status = 'open' THEN 'no_sales'
            WHEN pd_basis = 'exposed' AND pd_12m >= 0.04 AND pd_12m >= 1.5 * pd_1m THEN 'pd_up'
            WHEN days_past_due >= 5 AND days_past_due < 30 THEN 'past_due_5'
            WHEN tier <= 2 AND next_maturity_on <= CAST($as_of AS DATE) + INTERVAL 60 DAY THEN 'maturity'
            WHEN tier_move <= -2 THEN 'tier_fall'
            WHEN
                tier <= 2 AND exposure_krw > 0
                AND coalesce(last_contact_on, DATE '1900-01-01') < CAST($as_of AS DATE) - INTERVAL 90 DAY
                THEN 'no_contact'
            WHEN tier >= 4 AND tier_move >= 1 AND deposit_avg_krw > 0 AND exposure_krw = 0 THEN 'growth'
            WHEN
                offer.expected_value_krw >= $offer_worth_krw
                AND coalesce(last_contact_on, DATE '1900-01-01') < CAST($as_of AS DATE) - INTERVAL 90 DAY
                THEN 'offer'
        END AS rule
    FROM business_scores AS scores
    LEFT JOIN (
        SELECT *
        FROM recommendations
        -- Relief first; then what may be recommended as the records stand; what lacks its record is information only.
        QUALIFY row_number() OVER (
            PARTITION BY business_id ORDER BY is_relief DESC, suitability = 'record_missing', rank
        ) = 1
    ) AS offer
        ON offer.business_id = scores.business_id
        -- Who is late is helped first: nothing is sold until the payment is made.
        AND (offer.is_relief OR coalesce(scores.days_past_due, 0) < 5)
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
            -- From then on the workout desk has the case: no news for a morning call.
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
