-- Industry codes of no known family, and names of older files without a code of today.
SELECT
    staged.rowid AS row_no, 'industry_code' AS column_name, staged.industry_code AS value, 'industry_unknown' AS code,
    'row' AS action
FROM scratch.staged_rows AS staged
LEFT JOIN scratch.industry_codes AS codes ON codes.code = to_text(staged.industry_code)
WHERE to_text(staged.industry_code) IS NOT NULL AND codes.code IS NULL
