-- Businesses with nothing that says where they are: no code, and not both halves of a coordinate. An area code without
-- any area file leads nowhere either.
SELECT
    stage.rowid AS row_no, 'district_code' AS column_name, stage.trade_area_code AS value, 'location_missing' AS code,
    'row' AS action
FROM scratch.stage
JOIN scratch.typed ON typed.row_no = stage.rowid
WHERE
    typed.district_code IS NULL
    AND to_text(stage.district_code) IS NULL
    AND (to_text(stage.trade_area_code) IS NULL OR typed.trade_area_code IS NOT NULL)
    AND (to_latitude(stage.lat) IS NULL OR to_longitude(stage.lon) IS NULL)
