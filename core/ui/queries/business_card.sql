-- One row: all that the head of the page and its words need; none when the business is in no book of $manager_ids.
-- Scalar questions by the id itself: they skip what a join would read.
WITH chosen AS (
    SELECT
        business_id,
        name,
        manager_id,
        district_code,
        industry_code,
        category,
        region,
        trade_area_code,
        as_of,
        score,
        tier,
        state,
        flags,
        points_change,
        points_volatility,
        points_trend,
        points_season,
        points_industry,
        change_raw,
        vol_raw,
        trend_raw,
        season_raw,
        u_industry,
        score_raw,
        points_shrink,
        cap,
        months_observed,
        peers,
        tier_1m,
        score_1m,
        tier_move,
        pd_12m,
        pd_basis,
        pd_band,
        churn_3m,
        churn_level,
        anomaly_pct,
        conflict,
        revenue_3m_krw,
        revenue_yoy,
        open_loans,
        days_past_due,
        exposure_krw,
        expected_loss_krw,
        overdraft_limit_krw,
        overdraft_used_krw,
        opened_on,
        customer_since,
        employees
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
)
SELECT
    chosen.*,
    ledger.change,
    ledger.own,
    ledger.market,
    ledger.model,
    (SELECT any_value(status_on) FROM businesses WHERE business_id = $business_id) AS status_on,
    (SELECT any_value(name) FROM market_areas WHERE area_code = (SELECT trade_area_code FROM chosen)) AS area_name,
    coalesce(cell.businesses, whole.businesses) AS peer_businesses,
    cell.businesses IS NULL AS peers_are_whole_category,
    coalesce(cell.score_p50, whole.score_p50) AS peer_score,
    coalesce(cell.pd_p50, whole.pd_p50) AS peer_pd,
    coalesce(cell.change_p50, whole.change_p50) AS peer_change,
    coalesce(cell.volatility_p50, whole.volatility_p50) AS peer_volatility,
    coalesce(cell.trend_p50, whole.trend_p50) AS peer_trend,
    coalesce(cell.season_p50, whole.season_p50) AS peer_season
FROM chosen
LEFT JOIN (SELECT * FROM score_ledger WHERE business_id = $business_id) AS ledger
    ON ledger.business_id = chosen.business_id
-- A cell of fewer than ten is no peer group; the category of the whole city then stands in.
LEFT JOIN peer_stats AS cell
    ON cell.category = chosen.category AND cell.region = chosen.region AND cell.businesses >= 10
LEFT JOIN peer_stats AS whole ON whole.category = chosen.category AND whole.region IS NULL
LIMIT 1
