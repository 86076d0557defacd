-- Every column compared with the same month last year and with the training, what has drifted most first.
SELECT
    *,
    list_position(['warning', 'watch', 'stable'], level) AS grade
FROM watch_drift
ORDER BY grade, feature <> 'score', d DESC NULLS LAST
