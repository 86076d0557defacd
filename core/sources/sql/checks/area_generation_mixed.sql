-- Rows of the rarer generation of area codes in one file and quarter: the same place has another code in each
-- generation.
WITH codes AS (
    SELECT typed.row_no, files.file, typed.quarter, typed.area_code, typed.generation
    FROM scratch.typed_rows AS typed
    JOIN scratch.staged_files AS files ON typed.row_no BETWEEN files.first_row AND files.last_row
    WHERE typed.area_code IS NOT NULL
),
counts AS (
    SELECT file, quarter, generation, count(*) AS n FROM codes GROUP BY file, quarter, generation
),
main AS (
    SELECT file, quarter, arg_max(generation, (n, generation)) AS generation FROM counts GROUP BY file, quarter
)
SELECT
    codes.row_no, 'area_code' AS column_name, codes.area_code AS value, 'area_generation_mixed' AS code, 'row' AS action
FROM codes
JOIN main ON main.file = codes.file AND main.quarter IS NOT DISTINCT FROM codes.quarter
WHERE codes.generation <> main.generation
