-- Each file with its rows loaded, its rows quarantined, and the reason where the whole file was refused.
SELECT
    source_files.file,
    source_files.rows_loaded,
    source_files.rows_quarantined,
    source_files.sha256,
    (
        SELECT min(quarantine.reason) FROM quarantine
        WHERE quarantine.file = source_files.file
    ) AS reason
FROM source_files
ORDER BY source_files.file
