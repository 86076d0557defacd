-- Silhouette and stability of each number of segments.
SELECT *
FROM segment_figures
WHERE view = $view
ORDER BY k
