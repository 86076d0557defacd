-- One note per file: registration numbers with a wrong check digit (a demo bank's are wrong on purpose).
SELECT
    min(stage.rowid) AS row_no, 'registration_no' AS column_name, min_by(stage.registration_no, stage.rowid) AS value,
    'registration_checksum' AS code, 'note' AS action, count(*) || ' rows' AS detail
FROM scratch.stage
JOIN scratch.parts ON stage.rowid >= parts.first_row AND stage.rowid < parts.end_row
WHERE NOT checksum_holds(to_registration(stage.registration_no))
GROUP BY parts.file
