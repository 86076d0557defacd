-- What is wrong with the models.
SELECT *
FROM watch_model_alerts
ORDER BY list_position(['critical', 'warning', 'watch'], severity), customers DESC NULLS LAST, alert_id
