-- Forecasts in the order in which pages read them: by manager, then business.
SELECT *
FROM revenue_forecast_rows
ORDER BY manager_id, business_id, horizon
