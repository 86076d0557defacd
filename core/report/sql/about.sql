-- What the build says of itself.
SELECT
    key,
    value
FROM build_info
WHERE value IS NOT NULL
