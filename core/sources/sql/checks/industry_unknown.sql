-- Industry codes of no known family, and old names without a successor.
SELECT
    stage.rowid AS row_no, 'industry_code' AS column_name, stage.industry_code AS value, 'industry_unknown' AS code,
    'row' AS action
FROM scratch.stage
LEFT JOIN scratch.industry_of ON industry_of.code = to_text(stage.industry_code)
WHERE to_text(stage.industry_code) IS NOT NULL AND industry_of.code IS NULL
