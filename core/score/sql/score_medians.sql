-- What a short history is shrunk towards: the median raw score of the cell; of the category where the cell has fewer
-- than $peer_min_category scored businesses; of the whole book where the category has too few as well. Reads
-- score_points.
WITH cells AS (
    SELECT
        as_of,
        category,
        region,
        count(score_raw) AS scored,
        median(score_raw) AS middle
    FROM score_points
    GROUP BY as_of, category, region
), categories AS (
    SELECT
        as_of,
        category,
        count(score_raw) AS scored,
        median(score_raw) AS middle
    FROM score_points
    GROUP BY as_of, category
), books AS (
    SELECT
        as_of,
        median(score_raw) AS middle
    FROM score_points
    GROUP BY as_of
)
SELECT
    cells.as_of,
    cells.category,
    cells.region,
    CASE
        WHEN cells.scored >= $peer_min_category THEN cells.middle
        WHEN categories.scored >= $peer_min_category THEN categories.middle
        ELSE books.middle
    END AS cell_median
FROM cells
JOIN categories ON categories.as_of = cells.as_of AND coalesce(categories.category, '') = coalesce(cells.category, '')
JOIN books ON books.as_of = cells.as_of
