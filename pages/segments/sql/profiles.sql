-- Distribution of every feature in every segment of a view, over the whole bank.
SELECT *
FROM segment_profiles
WHERE view = $view
ORDER BY place, feature
