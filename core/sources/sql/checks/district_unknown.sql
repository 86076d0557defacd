-- A district code that is none; for a business only a value is lost if its area or coordinate leads to a district.
SELECT
    stage.rowid AS row_no, 'district_code' AS column_name, stage.district_code AS value, 'district_unknown' AS code,
    CASE
        WHEN typed.district_code IS NULL OR typed.district_code = to_text(stage.district_code) THEN 'row' ELSE 'value'
    END AS action
FROM scratch.stage
JOIN scratch.typed ON typed.row_no = stage.rowid
LEFT JOIN districts ON districts.district_code = to_text(stage.district_code)
WHERE to_text(stage.district_code) IS NOT NULL AND districts.district_code IS NULL
