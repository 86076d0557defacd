-- Number of businesses that have a segment in the view $view.
SELECT count(segment)
FROM segments
WHERE view = $view
