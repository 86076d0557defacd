-- Cells of the bank: category x region, region '' where the district is unknown. Reads businesses.
SELECT DISTINCT
    category,
    coalesce(region, '') AS region
FROM businesses
WHERE category IS NOT NULL
ORDER BY category, region
