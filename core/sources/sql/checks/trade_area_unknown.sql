-- A trade area that is in no area file; asked only where area files are there.
SELECT
    stage.rowid AS row_no, 'trade_area_code' AS column_name, stage.trade_area_code AS value,
    'trade_area_unknown' AS code, CASE WHEN typed.district_code IS NULL THEN 'row' ELSE 'value' END AS action
FROM scratch.stage
JOIN scratch.typed ON typed.row_no = stage.rowid
WHERE to_text(stage.trade_area_code) IS NOT NULL AND typed.trade_area_code IS NULL
