-- One row per business: the parts of the API's answer as JSON, so that an answer is looked up and never computed.
-- Reasons stand heaviest first. A value that is no number is left unknown: JSON has no NaN.
WITH weights AS (
    SELECT * FROM (
        VALUES
        ('change', CAST($change AS DOUBLE)),
        ('volatility', CAST($vol AS DOUBLE)),
        ('trend', CAST($trend AS DOUBLE)),
        ('season', CAST($season AS DOUBLE)),
        ('industry', CAST($industry AS DOUBLE))
    ) AS weight (component, share)
), gained AS (
    UNPIVOT (
        SELECT
            business_id,
            points_change AS change,
            points_volatility AS volatility,
            points_trend AS trend,
            points_season AS season,
            points_industry AS industry
        FROM business_scores
    ) ON change, volatility, trend, season, industry INTO NAME component VALUE points
), measured AS (
    UNPIVOT (
        SELECT
            business_id,
            change_raw AS change,
            vol_raw AS volatility,
            trend_raw AS trend,
            season_raw AS season,
            u_industry AS industry
        FROM business_scores
    ) ON change, volatility, trend, season, industry INTO NAME component VALUE value
), components AS (
    SELECT
        gained.business_id,
        gained.component,
        gained.points,
        100 * weights.share / sum(weights.share) OVER (PARTITION BY gained.business_id) AS points_possible,
        measured.value
    FROM gained
    JOIN weights USING (component)
    LEFT JOIN measured USING (business_id, component)
), scored AS (
    SELECT
        business_id,
        list(
            struct_pack(
                component := component,
                points := points,
                points_possible := points_possible,
                points_lost := points_possible - points,
                value := value
            ) ORDER BY component
        ) AS components
    FROM components
    GROUP BY business_id
), explained AS (
    SELECT
        business_id,
        model,
        any_value(base) AS base,
        list(
            struct_pack(
                reason := reason,
                contribution := contribution,
                contribution_p := contribution_p,
                feature := feature,
                value := CASE WHEN isfinite(value) THEN value END,
                peer_median := CASE WHEN isfinite(peer_median) THEN peer_median END
            ) ORDER BY abs(contribution) DESC, reason
        ) AS reasons
    FROM drivers
    GROUP BY business_id, model
), offered AS (
    SELECT
        business_id,
        list(
            struct_pack(
                rank := rank,
                product_id := product_id,
                kind := kind,
                reasons := reasons,
                suitability := suitability,
                may_be_recommended := suitability <> 'record_missing',
                confirm := confirm,
                amount_krw := amount_krw,
                expected_value_krw := expected_value_krw,
                acceptance := acceptance,
                is_relief := is_relief,
                is_cold_start := cold
            ) ORDER BY rank
        ) AS offers
    FROM recommendations
    GROUP BY business_id
)
SELECT
    card.business_id,
    card.manager_id,
    to_json(struct_pack(
        state := card.state,
        score := card.score,
        tier := card.tier,
        score_1m := card.score_1m,
        tier_1m := card.tier_1m,
        score_raw := card.score_raw,
        points_shrink := card.points_shrink,
        cap := card.cap,
        -- greatest() passes over NULL: without a cap it would say that nothing was cut.
        points_cut := CASE
            WHEN card.cap IS NOT NULL THEN greatest(card.score_raw + coalesce(card.points_shrink, 0.0) - card.cap, 0.0)
        END,
        flags := list_filter(string_split(coalesce(card.flags, ''), ','), LAMBDA flag: flag <> ''),
        months_observed := card.months_observed,
        peers := card.peers,
        components := coalesce(scored.components, [])
    )) AS score,
    to_json(struct_pack(
        state := card.pd_state,
        pd_12m := card.pd_12m,
        band := card.pd_band,
        basis := card.pd_basis,
        pd_1m := card.pd_1m,
        base_log_odds := by_default.base,
        expected_loss_krw := card.expected_loss_krw,
        reasons := CASE WHEN card.pd_12m IS NULL THEN [] ELSE coalesce(by_default.reasons, []) END
    )) AS "default",
    to_json(struct_pack(
        state := card.churn_state,
        churn_3m := card.churn_3m,
        level := card.churn_level,
        base_log_odds := by_churn.base,
        reasons := CASE WHEN card.churn_3m IS NULL THEN [] ELSE coalesce(by_churn.reasons, []) END
    )) AS churn,
    to_json(struct_pack(offers := coalesce(offered.offers, []))) AS recommendation
FROM business_scores AS card
LEFT JOIN scored USING (business_id)
LEFT JOIN explained AS by_default ON by_default.business_id = card.business_id AND by_default.model = 'default'
LEFT JOIN explained AS by_churn ON by_churn.business_id = card.business_id AND by_churn.model = 'churn'
LEFT JOIN offered ON offered.business_id = card.business_id
