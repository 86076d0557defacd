-- Businesses of the whole bank by segment and district.
SELECT *
FROM segment_districts
WHERE view = $view
