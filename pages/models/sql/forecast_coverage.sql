-- How often the truth lay within the intervals, against how often it should have.
SELECT
    source,
    horizon,
    nominal,
    n,
    coverage
FROM forecast_coverage
WHERE level = 'all' AND period = 'all'
ORDER BY source, horizon, nominal
