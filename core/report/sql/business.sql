-- One row: all that a report says of one business but its reasons; none when it is not in the book of $manager_id.
SELECT
    cards.* EXCLUDE (sparkline),
    industries.name_ko AS industry_ko,
    industries.name_en AS industry_en,
    districts.name_ko AS district_ko,
    districts.name_en AS district_en,
    managers.name AS manager_name
FROM business_cards AS cards
LEFT JOIN industries ON industries.industry_code = cards.industry_code
LEFT JOIN districts ON districts.district_code = cards.district_code
LEFT JOIN managers ON managers.manager_id = cards.manager_id
WHERE cards.business_id = $business_id AND cards.manager_id = $manager_id
LIMIT 1
