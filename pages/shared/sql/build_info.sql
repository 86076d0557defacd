SELECT
    key,
    CAST(value AS VARCHAR) AS value
FROM build_info
