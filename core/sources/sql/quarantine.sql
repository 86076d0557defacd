-- Faults with file, line and words.
SELECT
    $table AS source_table,
    segments.file,
    segments.line + faults.row_no - segments.first_row AS line,
    faults.column_name,
    left(faults.value, 200) AS value,
    coalesce(words.reason, faults.code) || coalesce(' (' || faults.detail || ')', '') AS reason,
    faults.action,
    faults.code
FROM scratch.faults
ASOF JOIN scratch.segments ON faults.row_no >= segments.first_row
LEFT JOIN scratch.words ON words.code = faults.code
ORDER BY segments.file, line, faults.column_name
