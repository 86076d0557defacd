-- Coordinates in no district of Seoul.
SELECT
    stage.rowid AS row_no, 'lat' AS column_name, concat_ws(', ', stage.lat, stage.lon) AS value,
    'coordinate_outside' AS code, CASE WHEN typed.district_code IS NULL THEN 'row' ELSE 'value' END AS action
FROM scratch.stage
JOIN scratch.typed ON typed.row_no = stage.rowid
WHERE to_latitude(stage.lat) IS NOT NULL AND to_longitude(stage.lon) IS NOT NULL AND typed.lat IS NULL
