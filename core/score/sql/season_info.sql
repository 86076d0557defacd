-- Facts about the seasonal index in a fixed order, for its saved copy.
SELECT
    key,
    value
FROM season_info
ORDER BY key
