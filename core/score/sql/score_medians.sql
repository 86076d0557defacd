-- Score that short histories are shrunk towards: the median raw score of the cell; of the category where the cell has
-- fewer than $peer_min_category businesses with a score; of all businesses where the category has too few as well.
-- Reads score_points.
WITH cells AS (
    SELECT
        as_of,
        category,
        region,
        count(score_raw) AS businesses,
        median(score_raw) AS median_score
    FROM score_points
    GROUP BY as_of, category, region
), categories AS (
    SELECT
        as_of,
        category,
        count(score_raw) AS businesses,
        median(score_raw) AS median_score
    FROM score_points
    GROUP BY as_of, category
), overall AS (
    SELECT
        as_of,
        median(score_raw) AS median_score
    FROM score_points
    GROUP BY as_of
)
SELECT
    cells.as_of,
    cells.category,
    cells.region,
    CASE
        WHEN cells.businesses >= $peer_min_category THEN cells.median_score
        WHEN categories.businesses >= $peer_min_category THEN categories.median_score
        ELSE overall.median_score
    END AS cell_median
FROM cells
JOIN categories ON categories.as_of = cells.as_of AND coalesce(categories.category, '') = coalesce(cells.category, '')
JOIN overall ON overall.as_of = cells.as_of
