-- Faults of one table (all when $source_table is NULL), at most $rows.
SELECT
    source_table,
    file,
    line,
    column_name,
    value,
    code,
    action,
    reason
FROM quarantine
WHERE $source_table IS NULL OR source_table = $source_table
ORDER BY source_table, file, line, column_name
LIMIT $rows
