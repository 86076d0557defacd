-- Businesses without any place: no code, and not both halves of a coordinate. An area code without any file of areas
-- leads nowhere either.
SELECT
    staged.rowid AS row_no, 'district_code' AS column_name, staged.trade_area_code AS value,
    'location_missing' AS code, 'row' AS action
FROM scratch.staged_rows AS staged
JOIN scratch.typed_rows AS typed ON typed.row_no = staged.rowid
WHERE
    typed.district_code IS NULL
    AND to_text(staged.district_code) IS NULL
    AND (to_text(staged.trade_area_code) IS NULL OR typed.trade_area_code IS NOT NULL)
    AND (to_latitude(staged.lat) IS NULL OR to_longitude(staged.lon) IS NULL)
