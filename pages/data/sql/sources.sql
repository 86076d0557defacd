-- One row per source file.
SELECT
    source_table,
    file,
    encoding,
    rows_read,
    rows_loaded,
    rows_quarantined,
    first_period,
    last_period,
    bytes,
    is_demo
FROM source_files
ORDER BY source_table, file
