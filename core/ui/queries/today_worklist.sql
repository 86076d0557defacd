-- Whom to call first: at most $rows businesses of these managers, each manager's gravest first.
-- The first reason's value comes along, so that the row can be put in words.
SELECT
    worklist.place,
    worklist.rule,
    worklist.due_on,
    business_scores.business_id,
    business_scores.manager_id,
    business_scores.name,
    business_scores.district_code,
    business_scores.industry_code,
    business_scores.as_of,
    business_scores.score,
    business_scores.tier,
    business_scores.state,
    business_scores.flags,
    business_scores.points_change,
    business_scores.points_volatility,
    business_scores.points_trend,
    business_scores.points_season,
    business_scores.points_industry,
    business_scores.change_raw,
    business_scores.vol_raw,
    business_scores.trend_raw,
    business_scores.season_raw,
    business_scores.u_industry,
    business_scores.score_raw,
    business_scores.points_shrink,
    business_scores.cap,
    business_scores.peers,
    business_scores.tier_1m,
    business_scores.tier_move,
    business_scores.pd_1m,
    business_scores.pd_12m,
    business_scores.days_past_due,
    business_scores.expected_loss_krw,
    business_scores.last_contact_on,
    business_scores.last_contact_channel,
    business_scores.driver_reason,
    business_scores.driver_feature,
    business_scores.driver_value,
    business_scores.top_reason_model,
    business_scores.sparkline
FROM worklist
JOIN business_scores USING (business_id)
WHERE worklist.manager_id IN $manager_ids AND business_scores.manager_id IN $manager_ids
ORDER BY worklist.place, business_scores.expected_loss_krw DESC NULLS LAST, worklist.business_id
LIMIT $rows
