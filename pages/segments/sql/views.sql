-- The views of the segments that the build has computed, a row each.
SELECT *
FROM segment_views
