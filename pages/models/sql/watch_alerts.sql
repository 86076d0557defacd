-- Alerts on the businesses of these books, in the order of the relationship manager.
SELECT
    alerts.*,
    scores.name
FROM watch_alerts AS alerts
JOIN business_scores AS scores USING (business_id)
WHERE scores.manager_id IN $manager_ids
ORDER BY alerts.place, list_position(['critical', 'warning', 'watch'], alerts.severity), alerts.rule
