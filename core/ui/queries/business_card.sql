-- One row: all that the head of the page and its words need; none when the business is in no book of $manager_ids.
WITH chosen AS (
    SELECT *
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
)
SELECT
    chosen.* EXCLUDE (sparkline, name_nfc),
    managers.name AS manager_name,
    businesses.status_on,
    districts.name_ko AS district_ko,
    districts.name_en AS district_en,
    industries.name_ko AS industry_ko,
    industries.name_en AS industry_en,
    (SELECT any_value(name) FROM market_areas WHERE area_code = chosen.trade_area_code) AS area_name,
    coalesce(cell.businesses, whole.businesses) AS peer_businesses,
    cell.businesses IS NULL AS peers_are_whole_category,
    coalesce(cell.score_p50, whole.score_p50) AS peer_score,
    coalesce(cell.pd_p50, whole.pd_p50) AS peer_pd,
    coalesce(cell.change_p50, whole.change_p50) AS peer_change,
    coalesce(cell.volatility_p50, whole.volatility_p50) AS peer_volatility,
    coalesce(cell.trend_p50, whole.trend_p50) AS peer_trend,
    coalesce(cell.season_p50, whole.season_p50) AS peer_season
FROM chosen
JOIN businesses ON businesses.business_id = chosen.business_id
LEFT JOIN managers ON managers.manager_id = chosen.manager_id
LEFT JOIN districts ON districts.district_code = chosen.district_code
LEFT JOIN industries ON industries.industry_code = chosen.industry_code
-- A cell of fewer than ten is no peer group; the category of the whole city then stands in.
LEFT JOIN peer_stats AS cell
    ON cell.category = chosen.category AND cell.region = chosen.region AND cell.businesses >= 10
LEFT JOIN peer_stats AS whole ON whole.category = chosen.category AND whole.region IS NULL
LIMIT 1
