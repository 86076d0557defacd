-- One row per source table: files, rows read, loaded and quarantined, and the period they cover.
SELECT
    source_table,
    count(*) AS files,
    CAST(sum(rows_read) AS BIGINT) AS rows_read,
    CAST(sum(rows_loaded) AS BIGINT) AS rows_loaded,
    CAST(sum(rows_quarantined) AS BIGINT) AS rows_quarantined,
    left(min(first_period), 10) AS first_period,
    left(max(last_period), 10) AS last_period
FROM source_files
GROUP BY source_table
ORDER BY source_table
