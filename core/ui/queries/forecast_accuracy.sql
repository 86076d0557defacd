-- Accuracy of the forecasts beside the baselines, over all businesses or trade areas, by horizon and period.
SELECT
    source,
    model,
    horizon,
    period,
    n,
    wape,
    mdape,
    bias,
    mase,
    low,
    high
FROM forecast_accuracy
WHERE level = 'all'
ORDER BY source, horizon, model, period
