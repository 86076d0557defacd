SELECT
    category,
    name_ko,
    name_en
FROM categories
ORDER BY name_ko COLLATE ko
