-- Areas of the rarer generation of codes in one file of areas.
WITH codes AS (
    SELECT typed.row_no, files.file, typed.area_code, typed.generation
    FROM scratch.typed_rows AS typed
    JOIN scratch.staged_files AS files ON typed.row_no BETWEEN files.first_row AND files.last_row
    WHERE typed.area_code IS NOT NULL
),
counts AS (
    SELECT file, generation, count(*) AS n FROM codes GROUP BY file, generation
),
main AS (
    SELECT file, arg_max(generation, (n, generation)) AS generation FROM counts GROUP BY file
)
SELECT
    codes.row_no, 'area_code' AS column_name, codes.area_code AS value, 'area_generation_mixed' AS code, 'row' AS action
FROM codes
JOIN main ON main.file = codes.file
WHERE codes.generation <> main.generation
