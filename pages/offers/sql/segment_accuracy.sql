-- Recall by segment of EASE and of two recommenders by popularity; segment '' is no segment.
SELECT
    segment,
    max(value) FILTER (WHERE model = 'ease') AS ease,
    max(value) FILTER (WHERE model = 'segment_popularity') AS segment_popularity,
    max(value) FILTER (WHERE model = 'popularity') AS popularity,
    CAST(max(n) AS BIGINT) AS n
FROM advice_slices
WHERE metric = 'recall'
GROUP BY segment
ORDER BY n DESC, segment
