-- Facts about the seasonal index in a fixed order, for its frozen copy.
SELECT
    key,
    value
FROM season_info
ORDER BY key
