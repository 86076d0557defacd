-- Median score by month-end: of one district, or of the whole scope when none is chosen; unknown under five.
SELECT
    as_of,
    CASE WHEN count(score) >= 5 THEN median(score) END AS score_p50,
    count(score) AS rated
FROM business_scores_history
WHERE
    manager_id IN $manager_ids
    AND ($district IS NULL OR district_code = $district)
    AND ($category IS NULL OR category = $category)
GROUP BY as_of
ORDER BY as_of
