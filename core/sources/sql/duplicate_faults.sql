-- Faults of the rows of a repeated key: of all of them where they differ, of all but the first where they are the same.
WITH texts AS (
    SELECT
        row_no,
        concat_ws(' / ', *COLUMNS(LAMBDA c: list_contains($key, c))) AS key_text,
        CAST(ROW(*COLUMNS(LAMBDA c: c <> 'row_no')) AS VARCHAR) AS row_text
    FROM scratch.typed_rows
    WHERE row_no IN (SELECT row_no FROM scratch.repeated_keys)
),
keys AS (
    SELECT key_text, min(row_no) AS first_row, count(DISTINCT row_text) > 1 AS differ
    FROM texts
    GROUP BY key_text
    HAVING count(*) > 1
)
SELECT
    texts.row_no,
    $column AS column_name,
    texts.key_text AS value,
    CASE WHEN keys.differ THEN 'duplicate_conflict' ELSE 'duplicate_same' END AS code,
    'row' AS action
FROM texts
JOIN keys ON keys.key_text = texts.key_text
WHERE keys.differ OR texts.row_no > keys.first_row
