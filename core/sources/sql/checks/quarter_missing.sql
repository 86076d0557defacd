-- Rows that name no quarter, by whatever column.
SELECT rowid AS row_no, 'quarter' AS column_name, CAST(NULL AS VARCHAR) AS value, 'missing' AS code, 'row' AS action
FROM scratch.stage
WHERE clean(quarter) IS NULL
