-- Half a coordinate is none.
SELECT
    rowid AS row_no, CASE WHEN to_latitude(lat) IS NULL THEN 'lat' ELSE 'lon' END AS column_name,
    concat_ws(', ', lat, lon) AS value, 'coordinate_half' AS code, 'value' AS action
FROM scratch.stage
WHERE (clean(lat) IS NULL) <> (clean(lon) IS NULL)
