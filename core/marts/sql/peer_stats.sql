-- Medians of a peer cell (category and region) and of the whole category (region NULL) at the newest as_of.
SELECT
    category,
    region,
    count(*) AS businesses,
    median(score) AS score_p50,
    median(pd_12m) FILTER (WHERE pd_basis = 'exposed') AS pd_p50,
    median(change_raw) AS change_p50,
    median(vol_raw) AS volatility_p50,
    median(trend_raw) AS trend_p50,
    median(season_raw) AS season_p50
FROM business_scores
WHERE state NOT IN ('CLOSED', 'INSUFFICIENT')
GROUP BY GROUPING SETS ((category, region), (category))
