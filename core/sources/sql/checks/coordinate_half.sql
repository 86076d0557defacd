-- A latitude without a longitude, or the other way round.
SELECT
    rowid AS row_no, CASE WHEN to_latitude(lat) IS NULL THEN 'lat' ELSE 'lon' END AS column_name,
    concat_ws(', ', lat, lon) AS value, 'coordinate_half' AS code, 'value' AS action
FROM scratch.staged_rows
WHERE (clean(lat) IS NULL) <> (clean(lon) IS NULL)
