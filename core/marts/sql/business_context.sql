-- One row per business, to compare its figures with: the change of its score on last month, and the medians of its
-- peers: its category and region, or its category in the whole city where that cell has fewer than ten businesses.
SELECT
    scores.business_id,
    businesses.status_on,
    areas.name AS area_name,
    ledger.change,
    ledger.own,
    ledger.market,
    ledger.model,
    coalesce(cell.businesses, whole.businesses) AS peer_businesses,
    cell.businesses IS NULL AS peers_are_whole_category,
    coalesce(cell.score_p50, whole.score_p50) AS peer_score,
    coalesce(cell.pd_p50, whole.pd_p50) AS peer_pd,
    coalesce(cell.change_p50, whole.change_p50) AS peer_change,
    coalesce(cell.volatility_p50, whole.volatility_p50) AS peer_volatility,
    coalesce(cell.trend_p50, whole.trend_p50) AS peer_trend,
    coalesce(cell.season_p50, whole.season_p50) AS peer_season
FROM business_scores AS scores
LEFT JOIN businesses ON businesses.business_id = scores.business_id
LEFT JOIN (SELECT area_code, any_value(name) AS name FROM market_areas GROUP BY area_code) AS areas
    ON areas.area_code = scores.trade_area_code
LEFT JOIN score_ledger AS ledger ON ledger.business_id = scores.business_id
LEFT JOIN peer_stats AS cell
    ON cell.category = scores.category AND cell.region = scores.region AND cell.businesses >= 10
LEFT JOIN peer_stats AS whole ON whole.category = scores.category AND whole.region IS NULL
ORDER BY scores.business_id
