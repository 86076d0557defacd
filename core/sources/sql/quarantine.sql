-- The faults with file, line and sentence, as rows of the quarantine.
SELECT
    $table AS source_table,
    segments.file,
    segments.line + faults.row_no - segments.first_row AS line,
    faults.column_name,
    left(faults.value, 200) AS value,
    coalesce(sentences.reason, faults.code) || coalesce(' (' || faults.detail || ')', '') AS reason,
    faults.action,
    faults.code
FROM scratch.faults
ASOF JOIN scratch.line_segments AS segments ON faults.row_no >= segments.first_row
LEFT JOIN scratch.fault_sentences AS sentences ON sentences.code = faults.code
ORDER BY segments.file, line, faults.column_name
