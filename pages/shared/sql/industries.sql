SELECT
    industry_code,
    name_ko,
    name_en,
    category
FROM industries
ORDER BY industry_code
