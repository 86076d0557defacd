-- The monthly generation used the same codes for other industries (CS300011 was cosmetics): there the name decides.
UPDATE scratch.stage SET
    industry_code = coalesce(
        (
            SELECT known.industry_code
            FROM scratch.industries_2018 AS known
            WHERE known.name_ko = trim(stage.industry_name)
        ),
        stage.industry_name,
        stage.industry_code
    )
WHERE year IS NULL AND year_month IS NOT NULL
