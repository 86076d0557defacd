-- One row per business and component of the score: points below the component's maximum.
WITH weights AS (
    SELECT * FROM (
        VALUES
        ('change', CAST($change AS DOUBLE)),
        ('volatility', CAST($vol AS DOUBLE)),
        ('trend', CAST($trend AS DOUBLE)),
        ('season', CAST($season AS DOUBLE)),
        ('industry', CAST($industry AS DOUBLE))
    ) AS weight (component, share)
), kept AS (
    UNPIVOT (
        SELECT
            business_id,
            u_change AS change,
            u_vol AS volatility,
            u_trend AS trend,
            u_season AS season,
            u_industry AS industry
        FROM opportunity_now
    ) ON change, volatility, trend, season, industry INTO NAME component VALUE u
)
SELECT
    kept.business_id,
    kept.component,
    100 * weights.share * (1 - kept.u) / sum(weights.share) OVER (PARTITION BY kept.business_id) AS points
FROM kept
JOIN weights USING (component)
