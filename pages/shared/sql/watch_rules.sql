-- How good each rule has been, the most often right first.
SELECT *
FROM watch_rules
ORDER BY list_position(['critical', 'warning', 'watch'], severity), precision DESC NULLS LAST
