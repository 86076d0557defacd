-- Alerts on drift, the gravest and those that move most customers first.
SELECT *
FROM watch_model_alerts
WHERE rule = 'drift'
ORDER BY list_position(['critical', 'warning', 'watch'], severity), customers DESC NULLS LAST, value DESC
