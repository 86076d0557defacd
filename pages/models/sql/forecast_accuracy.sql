-- Accuracy of the forecasts beside the baselines, over all businesses or trade areas, by horizon and period; and on the
-- sample that AutoTheta was asked for.
SELECT
    source,
    model,
    horizon,
    period,
    level,
    n,
    wape,
    mdape,
    bias,
    mase,
    low,
    high
FROM forecast_accuracy
WHERE level IN ('all', 'theta_sample')
ORDER BY source, horizon, model, period
