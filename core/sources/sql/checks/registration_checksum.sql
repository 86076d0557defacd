-- One note per file: registration numbers with a wrong check digit (a demo bank's are wrong on purpose).
SELECT
    min(staged.rowid) AS row_no, 'registration_no' AS column_name,
    min_by(staged.registration_no, staged.rowid) AS value, 'registration_checksum' AS code, 'note' AS action,
    count(*) || ' rows' AS detail
FROM scratch.staged_rows AS staged
JOIN scratch.staged_files AS files ON staged.rowid BETWEEN files.first_row AND files.last_row
WHERE NOT checksum_holds(to_registration(staged.registration_no))
GROUP BY files.file
