-- The ways in which the book was divided, a row each.
SELECT *
FROM segment_views
