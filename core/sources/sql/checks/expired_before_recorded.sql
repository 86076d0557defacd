-- Records that ended before they began.
SELECT
    row_no, 'expires_on' AS column_name, CAST(expires_on AS VARCHAR) AS value, 'expired_before_recorded' AS code,
    'row' AS action
FROM scratch.typed_rows
WHERE expires_on < recorded_on
