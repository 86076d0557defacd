-- Opportunity score: the raw score, shrunk where the history is short, capped, rounded half up, with its tier. The
-- state is the first that holds of CLOSED, INSUFFICIENT, ZERO_SALES, SUSPENDED, ZERO_2M, OK; flags are all facts that
-- hold. The lowest cap counts.
-- Reads score_points, score_medians.
WITH shrunk AS (
    SELECT
        points.*,
        medians.cell_median,
        CASE WHEN points.score_raw IS NOT NULL THEN least(1, points.months_observed / CAST($months_full AS DOUBLE)) END
            AS shrink_lambda
    FROM score_points AS points
    LEFT JOIN score_medians AS medians
        ON
            medians.as_of = points.as_of
            AND coalesce(medians.category, '') = coalesce(points.category, '')
            AND medians.region = points.region
), facts AS (
    SELECT
        *,
        (1 - shrink_lambda) * (coalesce(cell_median, score_raw) - score_raw) + 0 AS points_shrink,
        CASE
            WHEN is_zero_year THEN 0
            ELSE least(
                CASE WHEN status = 'suspended' THEN CAST($cap_suspended AS INTEGER) END,
                CASE WHEN is_zero_2m THEN CAST($cap_zero_2m AS INTEGER) END,
                CASE WHEN days_past_due >= 90 THEN CAST($cap_dpd_90 AS INTEGER) END,
                CASE WHEN days_past_due >= 30 THEN CAST($cap_dpd_30 AS INTEGER) END
            )
        END AS lowest_cap
    FROM shrunk
), scored AS (
    -- Nine decimals: the sum of an exact half such as 20.5 may be one bit below it and must still be rounded up.
    SELECT
        *,
        CASE WHEN score_raw IS NOT NULL THEN lowest_cap END AS cap,
        CASE
            WHEN score_raw IS NOT NULL
                THEN CAST(least(floor(round(score_raw + points_shrink, 9) + 0.5), lowest_cap) AS INTEGER)
        END AS score
    FROM facts
)
SELECT
    business_id,
    as_of,
    score,
    CASE
        WHEN score_raw IS NULL THEN NULL
        WHEN score <= $tier_1 THEN 1
        WHEN score <= $tier_2 THEN 2
        WHEN score <= $tier_3 THEN 3
        WHEN score <= $tier_4 THEN 4
        ELSE 5
    END AS tier,
    CASE
        WHEN status = 'closed' THEN 'CLOSED'
        WHEN score_raw IS NULL THEN 'INSUFFICIENT'
        WHEN is_zero_year THEN 'ZERO_SALES'
        WHEN status = 'suspended' THEN 'SUSPENDED'
        WHEN is_zero_2m THEN 'ZERO_2M'
        ELSE 'OK'
    END AS state,
    concat_ws(
        ',',
        CASE WHEN change_fallback THEN 'CHANGE_FALLBACK_QOQ' END,
        CASE WHEN negative_sales THEN 'NEGATIVE_NET_SALES' END,
        CASE WHEN sudden_jump THEN 'LAST_MONTH_JUMP' END,
        CASE WHEN NOT has_months THEN 'MONTHS_MISSING' END,
        CASE WHEN has_months AND weight < $min_weight - 1e-9 THEN 'WEIGHT_MISSING' END,
        CASE WHEN u_industry IS NULL THEN 'NO_PEERS' END,
        CASE WHEN NOT has_season THEN 'NO_SEASON_INDEX' END,
        CASE WHEN is_zero_year THEN 'ZERO_SALES' END,
        CASE WHEN status = 'suspended' THEN 'SUSPENDED' END,
        CASE WHEN is_zero_2m THEN 'ZERO_2M' END,
        CASE WHEN days_past_due >= 90 THEN 'DPD_90' WHEN days_past_due >= 30 THEN 'DPD_30' END
    ) AS flags,
    points_change,
    points_volatility,
    points_trend,
    points_season,
    points_industry,
    u_change,
    u_vol,
    u_trend,
    u_season,
    u_industry,
    change_raw,
    vol_raw,
    trend_raw,
    season_raw,
    score_raw,
    shrink_lambda,
    cell_median,
    points_shrink,
    cap,
    months_observed,
    peers
FROM scored
