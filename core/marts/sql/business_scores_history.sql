-- One row per business and month-end of the scored history, with the PD where it was computed.
SELECT
    scores.business_id,
    businesses.manager_id,
    businesses.district_code,
    businesses.industry_code,
    businesses.category,
    scores.as_of,
    scores.score,
    scores.tier,
    scores.state,
    scores.points_change,
    scores.points_volatility,
    scores.points_trend,
    scores.points_season,
    scores.points_industry,
    pd_scores.pd_12m,
    churn_scores.churn_3m,
    CAST(NULL AS DOUBLE) AS anomaly_pct,
    segments.segment
FROM opportunity_history AS scores
JOIN businesses USING (business_id)
LEFT JOIN pd_scores ON pd_scores.business_id = scores.business_id AND pd_scores.as_of = scores.as_of
LEFT JOIN churn_scores ON churn_scores.business_id = scores.business_id AND churn_scores.as_of = scores.as_of
LEFT JOIN segments
    ON segments.business_id = scores.business_id AND segments.as_of = scores.as_of AND segments.view = 'main'
-- Sorted by district, because the pages filter by it and DuckDB skips row groups by their minimum and maximum.
ORDER BY businesses.district_code, scores.business_id, scores.as_of
