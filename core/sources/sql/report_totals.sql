-- Rows of one file: read, loaded, kept out.
SELECT
    CAST(coalesce(sum(rows_read), 0) AS BIGINT), CAST(coalesce(sum(rows_loaded), 0) AS BIGINT),
    CAST(coalesce(sum(rows_quarantined), 0) AS BIGINT)
FROM source_files
WHERE file = $file AND ($table IS NULL OR source_table = $table)
