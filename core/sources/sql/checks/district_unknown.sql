-- A district code that Seoul does not have. Of a business only the value is lost if its trade area or coordinate leads
-- to a district.
SELECT
    staged.rowid AS row_no, 'district_code' AS column_name, staged.district_code AS value, 'district_unknown' AS code,
    CASE
        WHEN typed.district_code IS NULL OR typed.district_code = to_text(staged.district_code) THEN 'row' ELSE 'value'
    END AS action
FROM scratch.staged_rows AS staged
JOIN scratch.typed_rows AS typed ON typed.row_no = staged.rowid
LEFT JOIN districts ON districts.district_code = to_text(staged.district_code)
WHERE to_text(staged.district_code) IS NOT NULL AND districts.district_code IS NULL
