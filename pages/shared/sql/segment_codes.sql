-- Segments of the product, in their order.
SELECT DISTINCT
    segment,
    place
FROM segment_profiles
WHERE view = 'main'
ORDER BY place
