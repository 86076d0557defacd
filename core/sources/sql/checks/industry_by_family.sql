-- One note per file and unknown code of a known family.
SELECT
    min(stage.rowid) AS row_no, 'industry_code' AS column_name, stage.industry_code AS value,
    'industry_by_family' AS code, 'note' AS action, count(*) || ' rows' AS detail
FROM scratch.stage
JOIN scratch.industry_of ON industry_of.code = to_text(stage.industry_code) AND industry_of.is_by_family
JOIN scratch.parts ON stage.rowid >= parts.first_row AND stage.rowid < parts.end_row
GROUP BY parts.file, stage.industry_code
