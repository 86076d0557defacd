-- One row per business with a score in both months: its move in points and tiers, split into own, market and model.
-- Reads opportunity_history, scores_shown, ledger_rescored, ledger_own_only, ledger_market_only, ledger_neither.
WITH history AS (
    SELECT
        business_id,
        as_of,
        score,
        tier,
        least(round(score_raw + points_shrink, 9), cap) AS exact
    FROM opportunity_history
    WHERE as_of IN (CAST($as_of AS DATE), CAST($before AS DATE)) AND score IS NOT NULL
), moves AS (
    SELECT
        now.business_id,
        now.as_of,
        now.score,
        now.tier,
        now.exact,
        CASE WHEN shown.business_id IS NULL THEN last.score ELSE shown.score END AS score_before,
        CASE WHEN shown.business_id IS NULL THEN last.tier ELSE shown.tier END AS tier_before,
        CASE WHEN shown.business_id IS NULL THEN last.exact ELSE shown.exact END AS exact_before,
        -- Without a score under today's rules (say, too little weight) there is no model part.
        CASE WHEN shown.business_id IS NULL THEN last.exact ELSE coalesce(rescored.exact, shown.exact) END
            AS exact_rescored
    FROM history AS now
    LEFT JOIN history AS last ON last.business_id = now.business_id AND last.as_of = $before
    LEFT JOIN scores_shown AS shown ON shown.business_id = now.business_id
    LEFT JOIN ledger_rescored AS rescored ON rescored.business_id = now.business_id
    WHERE now.as_of = $as_of
), market AS (
    SELECT
        moves.*,
        score - score_before AS change,
        round(exact_rescored - exact_before, 9) AS model_exact,
        -- Mean of the effect with the own move and without it; the one that is known, or 0 where neither is.
        round(coalesce(
            (moves.exact - own_only.exact + market_only.exact - neither.exact) / 2,
            moves.exact - own_only.exact,
            market_only.exact - neither.exact,
            0
        ), 9) AS market_exact
    FROM moves
    LEFT JOIN ledger_own_only AS own_only ON own_only.business_id = moves.business_id
    LEFT JOIN ledger_market_only AS market_only ON market_only.business_id = moves.business_id
    LEFT JOIN ledger_neither AS neither ON neither.business_id = moves.business_id
    WHERE score_before IS NOT NULL
), parts AS (
    SELECT
        *,
        round(exact - exact_before - market_exact - model_exact, 9) AS own_exact
    FROM market
), fractions AS (
    SELECT
        *,
        own_exact - floor(own_exact) AS own_rest,
        market_exact - floor(market_exact) AS market_rest,
        model_exact - floor(model_exact) AS model_rest,
        change - floor(own_exact) - floor(market_exact) - floor(model_exact) AS units
    FROM parts
), points AS (
    -- Largest remainder: the points that the floors leave go, one each, to the largest fractions; among equal fractions
    -- to the own part first, then to the market's.
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
), tiers AS (
    -- Tiers in the same order: first the model's part, then the market's, then the own.
    SELECT
        *,
        1 + CAST(score_before + model > $tier_1 AS INTEGER) + CAST(score_before + model > $tier_2 AS INTEGER)
        + CAST(score_before + model > $tier_3 AS INTEGER) + CAST(score_before + model > $tier_4 AS INTEGER)
            AS tier_after_model,
        1 + CAST(score - own > $tier_1 AS INTEGER) + CAST(score - own > $tier_2 AS INTEGER)
        + CAST(score - own > $tier_3 AS INTEGER) + CAST(score - own > $tier_4 AS INTEGER) AS tier_after_market
    FROM points
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
FROM tiers
ORDER BY business_id
