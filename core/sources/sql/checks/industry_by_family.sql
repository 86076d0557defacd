-- One note per file and unknown code of a known family.
SELECT
    min(staged.rowid) AS row_no, 'industry_code' AS column_name, staged.industry_code AS value,
    'industry_by_family' AS code, 'note' AS action, count(*) || ' rows' AS detail
FROM scratch.staged_rows AS staged
JOIN scratch.industry_codes AS codes ON codes.code = to_text(staged.industry_code) AND codes.is_by_family
JOIN scratch.staged_files AS files ON staged.rowid BETWEEN files.first_row AND files.last_row
GROUP BY files.file, staged.industry_code
