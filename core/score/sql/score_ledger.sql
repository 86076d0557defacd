-- One row per business that was rated then and now: its move in points and tiers, split into own, market and model.
-- Reads opportunity_history, scores_shown, ledger_rescored, ledger_frozen, ledger_followed, ledger_kept.
WITH history AS (
    SELECT
        business_id,
        as_of,
        score,
        tier,
        least(round(score_raw + points_shrink, 9), cap) AS exact
    FROM opportunity_history
    WHERE as_of IN (CAST($as_of AS DATE), CAST($before AS DATE)) AND score IS NOT NULL
), moved AS (
    SELECT
        now.business_id,
        now.as_of,
        now.score,
        now.tier,
        now.exact,
        CASE WHEN shown.business_id IS NULL THEN last.score ELSE shown.score END AS score_before,
        CASE WHEN shown.business_id IS NULL THEN last.tier ELSE shown.tier END AS tier_before,
        CASE WHEN shown.business_id IS NULL THEN last.exact ELSE shown.exact END AS exact_before,
        -- Unknown under the rules of today (say, too little weight): then there is no model part to tell.
        CASE WHEN shown.business_id IS NULL THEN last.exact ELSE coalesce(rescored.exact, shown.exact) END AS exact_then
    FROM history AS now
    LEFT JOIN history AS last ON last.business_id = now.business_id AND last.as_of = $before
    LEFT JOIN scores_shown AS shown ON shown.business_id = now.business_id
    LEFT JOIN ledger_rescored AS rescored ON rescored.business_id = now.business_id
    WHERE now.as_of = $as_of
), parts AS (
    SELECT
        moved.*,
        score - score_before AS change,
        round(exact_then - exact_before, 9) AS model_exact,
        -- With the own move made and without it, the mean of both; 0 where neither can be rated.
        round(coalesce(
            (moved.exact - frozen.exact + followed.exact - kept.exact) / 2,
            moved.exact - frozen.exact,
            followed.exact - kept.exact,
            0
        ), 9) AS market_exact
    FROM moved
    LEFT JOIN ledger_frozen AS frozen ON frozen.business_id = moved.business_id
    LEFT JOIN ledger_followed AS followed ON followed.business_id = moved.business_id
    LEFT JOIN ledger_kept AS kept ON kept.business_id = moved.business_id
    WHERE score_before IS NOT NULL
), whole AS (
    SELECT
        *,
        round(exact - exact_before - market_exact - model_exact, 9) AS own_exact
    FROM parts
), fractions AS (
    SELECT
        *,
        own_exact - floor(own_exact) AS own_rest,
        market_exact - floor(market_exact) AS market_rest,
        model_exact - floor(model_exact) AS model_rest,
        change - floor(own_exact) - floor(market_exact) - floor(model_exact) AS units
    FROM whole
), rounded AS (
    -- Largest remainder: what the floors leave of the move goes, a point each, to the largest fractions; ties to the
    -- own part first, then to the market's.
    SELECT
        *,
        CAST(floor(own_exact) + CASE
            WHEN units > CAST(market_rest > own_rest AS INTEGER) + CAST(model_rest > own_rest AS INTEGER) THEN 1 ELSE 0
        END AS INTEGER) AS own,
        CAST(floor(market_exact) + CASE
            WHEN units > CAST(own_rest >= market_rest AS INTEGER) + CAST(model_rest > market_rest AS INTEGER) THEN 1
            ELSE 0
        END AS INTEGER) AS market,
        CAST(floor(model_exact) + CASE
            WHEN units > CAST(own_rest >= model_rest AS INTEGER) + CAST(market_rest >= model_rest AS INTEGER) THEN 1
            ELSE 0
        END AS INTEGER) AS model
    FROM fractions
), stepped AS (
    -- Tiers are steps: the move is walked from the model's part over the market's to the own.
    SELECT
        *,
        1 + CAST(score_before + model > $tier_1 AS INTEGER) + CAST(score_before + model > $tier_2 AS INTEGER)
        + CAST(score_before + model > $tier_3 AS INTEGER) + CAST(score_before + model > $tier_4 AS INTEGER)
            AS tier_after_model,
        1 + CAST(score - own > $tier_1 AS INTEGER) + CAST(score - own > $tier_2 AS INTEGER)
        + CAST(score - own > $tier_3 AS INTEGER) + CAST(score - own > $tier_4 AS INTEGER) AS tier_after_market
    FROM rounded
)
SELECT
    business_id,
    as_of,
    score_before,
    score,
    change,
    own,
    market,
    model,
    tier_before,
    tier,
    tier - tier_after_market AS tier_own,
    tier_after_market - tier_after_model AS tier_market,
    tier_after_model - tier_before AS tier_model,
    exact - exact_before AS change_exact,
    own_exact,
    market_exact,
    model_exact,
    CAST($basis AS VARCHAR) AS basis
FROM stepped
ORDER BY business_id
