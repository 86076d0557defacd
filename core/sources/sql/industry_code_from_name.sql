-- The monthly generation of the files used the same codes for other industries (CS300011 was cosmetics): there the
-- name decides, not the code.
UPDATE scratch.staged_rows SET
    industry_code = coalesce(
        (
            SELECT old.industry_code
            FROM scratch.industries_2018 AS old
            WHERE old.name_ko = trim(staged_rows.industry_name)
        ),
        staged_rows.industry_name,
        staged_rows.industry_code
    )
WHERE year IS NULL AND year_month IS NOT NULL
