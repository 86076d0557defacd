-- Industry component: percentile of the change of a business among its peers of the same day, by mid-rank (half of the
-- ties count as below); the percentile in the cell is shrunk towards that in the category. NULL where the category has
-- fewer than $peer_min_category peers. Reads score_components.
WITH peers AS (
    SELECT
        business_id,
        as_of,
        category,
        region,
        change_raw
    FROM score_components
    WHERE change_raw IS NOT NULL AND has_months AND status <> 'closed'
), ranked AS (
    SELECT
        business_id,
        as_of,
        count(*) OVER (PARTITION BY as_of, category, region) AS cell_peers,
        rank() OVER (PARTITION BY as_of, category, region ORDER BY change_raw NULLS LAST) AS cell_rank,
        count(*) OVER (PARTITION BY as_of, category, region, change_raw) AS cell_ties,
        count(*) OVER (PARTITION BY as_of, category) AS category_peers,
        rank() OVER (PARTITION BY as_of, category ORDER BY change_raw NULLS LAST) AS category_rank,
        count(*) OVER (PARTITION BY as_of, category, change_raw) AS category_ties
    FROM peers
), shares AS (
    SELECT
        business_id,
        as_of,
        cell_peers,
        category_peers,
        (cell_rank - 1 + cell_ties / 2) / cell_peers AS cell_share,
        (category_rank - 1 + category_ties / 2) / category_peers AS category_share
    FROM ranked
)
SELECT
    business_id,
    as_of,
    CAST(cell_peers AS INTEGER) AS peers,
    CASE
        WHEN category_peers >= $peer_min_category
            THEN (cell_peers * cell_share + $peer_prior * category_share) / (cell_peers + $peer_prior)
    END AS u_industry
FROM shares
