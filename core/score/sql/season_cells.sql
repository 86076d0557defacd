-- Cells of the book: category x region, region '' where the district is unknown.
SELECT DISTINCT
    category,
    coalesce(region, '') AS region
FROM businesses
WHERE category IS NOT NULL
ORDER BY category, region
