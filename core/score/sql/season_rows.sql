-- The seasonal index in a fixed order, for its saved copy.
SELECT
    category,
    region,
    CAST(month AS VARCHAR) AS month,
    ln_si
FROM season_index
ORDER BY category, region, month
