-- Coordinates in no district of Seoul.
SELECT
    staged.rowid AS row_no, 'lat' AS column_name, concat_ws(', ', staged.lat, staged.lon) AS value,
    'coordinate_outside' AS code, CASE WHEN typed.district_code IS NULL THEN 'row' ELSE 'value' END AS action
FROM scratch.staged_rows AS staged
JOIN scratch.typed_rows AS typed ON typed.row_no = staged.rowid
WHERE to_latitude(staged.lat) IS NOT NULL AND to_longitude(staged.lon) IS NOT NULL AND typed.lat IS NULL
