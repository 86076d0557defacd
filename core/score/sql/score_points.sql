-- Points of each component, divided by the weight of the components that are known, and their sum, the raw score. NULL
-- where the known weight is below $min_weight, where months are missing, or where the business has closed.
-- Reads score_components, score_peers.
WITH parts AS (
    SELECT
        components.*,
        peers.peers,
        peers.u_industry,
        CASE WHEN u_change IS NULL THEN 0 ELSE CAST($w_change AS DOUBLE) END
        + CASE WHEN u_vol IS NULL THEN 0 ELSE CAST($w_vol AS DOUBLE) END
        + CASE WHEN u_trend IS NULL THEN 0 ELSE CAST($w_trend AS DOUBLE) END
        + CASE WHEN u_season IS NULL THEN 0 ELSE CAST($w_season AS DOUBLE) END
        + CASE WHEN peers.u_industry IS NULL THEN 0 ELSE CAST($w_industry AS DOUBLE) END AS weight
    FROM score_components AS components
    LEFT JOIN score_peers AS peers
        ON peers.business_id = components.business_id AND peers.as_of = components.as_of
), weights AS (
    -- The sum of decimal fractions may be 0.5999… instead of 0.60.
    SELECT
        *,
        CASE WHEN has_months AND status <> 'closed' AND weight >= $min_weight - 1e-9 THEN weight END AS used_weight
    FROM parts
), points AS (
    SELECT
        *,
        100 * CAST($w_change AS DOUBLE) * u_change / nullif(used_weight, 0) AS points_change,
        100 * CAST($w_vol AS DOUBLE) * u_vol / nullif(used_weight, 0) AS points_volatility,
        100 * CAST($w_trend AS DOUBLE) * u_trend / nullif(used_weight, 0) AS points_trend,
        100 * CAST($w_season AS DOUBLE) * u_season / nullif(used_weight, 0) AS points_season,
        100 * CAST($w_industry AS DOUBLE) * u_industry / nullif(used_weight, 0) AS points_industry
    FROM weights
)
SELECT
    *,
    CASE
        WHEN used_weight IS NOT NULL
            THEN
                coalesce(points_change, 0) + coalesce(points_volatility, 0) + coalesce(points_trend, 0)
                + coalesce(points_season, 0) + coalesce(points_industry, 0)
    END AS score_raw
FROM points
