-- Alerts on the businesses of these books, in the RM's order.
SELECT
    alerts.*,
    scores.name,
    scores.tier,
    scores.score,
    scores.state
FROM watch_alerts AS alerts
JOIN business_scores AS scores USING (business_id)
WHERE scores.manager_id IN $manager_ids
ORDER BY alerts.place, list_position(['critical', 'warning', 'watch'], alerts.severity), alerts.rule
