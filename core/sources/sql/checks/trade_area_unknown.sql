-- A trade area that no file of areas has; checked only where there is one.
SELECT
    staged.rowid AS row_no, 'trade_area_code' AS column_name, staged.trade_area_code AS value,
    'trade_area_unknown' AS code, CASE WHEN typed.district_code IS NULL THEN 'row' ELSE 'value' END AS action
FROM scratch.staged_rows AS staged
JOIN scratch.typed_rows AS typed ON typed.row_no = staged.rowid
WHERE to_text(staged.trade_area_code) IS NOT NULL AND typed.trade_area_code IS NULL
