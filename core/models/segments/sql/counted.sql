-- Businesses that have a segment in a view.
SELECT count(segment)
FROM segments
WHERE view = $view
