-- Rows of the rarer generation of area codes in one file and quarter: the same place has another code in each
-- generation.
WITH counted AS (
    SELECT parts.file, typed.quarter, typed.generation, count(*) AS codes
    FROM scratch.typed
    JOIN scratch.parts ON typed.row_no >= parts.first_row AND typed.row_no < parts.end_row
    WHERE typed.area_code IS NOT NULL
    GROUP BY parts.file, typed.quarter, typed.generation
),
main AS (
    SELECT file, quarter, arg_max(generation, (codes, generation)) AS generation FROM counted GROUP BY file, quarter
)
SELECT
    typed.row_no, 'area_code' AS column_name, typed.area_code AS value, 'area_generation_mixed' AS code, 'row' AS action
FROM scratch.typed
JOIN scratch.parts ON typed.row_no >= parts.first_row AND typed.row_no < parts.end_row
JOIN main ON main.file = parts.file AND main.quarter IS NOT DISTINCT FROM scratch.typed.quarter
WHERE typed.area_code IS NOT NULL AND typed.generation <> main.generation
