SELECT
    district_code,
    name_ko,
    name_en,
    region
FROM districts
ORDER BY district_code
