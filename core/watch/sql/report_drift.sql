-- Alerts on drift: the gravest first, then those that put most customers into another tier.
SELECT *
FROM watch_model_alerts
WHERE rule = 'drift'
ORDER BY list_position(['critical', 'warning', 'watch'], severity), customers DESC NULLS LAST, value DESC
