-- Whom to call first: at most $rows businesses of these managers, each manager's gravest first.
-- The reason's value comes along, so that the row can be put in words.
WITH chosen AS (
    SELECT
        worklist.place,
        worklist.rule,
        worklist.due_on,
        business_scores.*
    FROM worklist
    JOIN business_scores USING (business_id)
    WHERE worklist.manager_id IN $manager_ids AND business_scores.manager_id IN $manager_ids
    ORDER BY worklist.place, business_scores.expected_loss_krw DESC NULLS LAST, worklist.business_id
    LIMIT $rows
)
SELECT
    chosen.* EXCLUDE (name_nfc),
    managers.name AS manager_name,
    districts.name_ko AS district_ko,
    districts.name_en AS district_en,
    industries.name_ko AS industry_ko,
    industries.name_en AS industry_en
FROM chosen
LEFT JOIN managers ON managers.manager_id = chosen.manager_id
LEFT JOIN districts ON districts.district_code = chosen.district_code
LEFT JOIN industries ON industries.industry_code = chosen.industry_code
ORDER BY chosen.place, chosen.expected_loss_krw DESC NULLS LAST, chosen.business_id
