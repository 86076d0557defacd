-- One row per business: all that a page, the report or a list says of it in its head. A view, so that a new column of
-- business_scores or business_context is on every card without another list of columns.
SELECT
    scores.*,
    context.* EXCLUDE (business_id),
    industries.name_ko AS industry_ko,
    industries.name_en AS industry_en,
    districts.name_ko AS district_ko,
    districts.name_en AS district_en,
    managers.name AS manager_name
FROM business_scores AS scores
JOIN business_context AS context ON context.business_id = scores.business_id
LEFT JOIN industries ON industries.industry_code = scores.industry_code
LEFT JOIN districts ON districts.district_code = scores.district_code
LEFT JOIN managers ON managers.manager_id = scores.manager_id
