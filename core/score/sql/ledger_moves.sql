-- By how much the peers' sales moved in the newest month beyond their season, in logarithms: the median of a cell,
-- shrunk towards its category's as the industry component is; 0 where the category has too few peers to tell. Reads
-- ledger_months.
WITH moves AS (
    SELECT
        category,
        region,
        ln(greatest(r_00, 0) + $floor_krw) - ln(greatest(r_01, 0) + $floor_krw)
        - coalesce(si_00, 0) + coalesce(si_01, 0) AS moved
    FROM ledger_months
    WHERE r_00 IS NOT NULL AND r_01 IS NOT NULL AND status <> 'closed'
), cells AS (
    SELECT category, region, count(*) AS peers, median(moved) AS moved
    FROM moves
    GROUP BY category, region
), categories AS (
    SELECT category, count(*) AS peers, median(moved) AS moved
    FROM moves
    GROUP BY category
)
SELECT
    known.category,
    known.region,
    CASE
        WHEN categories.peers >= $peer_min_category
            THEN
                (coalesce(cells.peers * cells.moved, 0) + $peer_prior * categories.moved)
                / (coalesce(cells.peers, 0) + $peer_prior)
        ELSE 0
    END AS moved
FROM (SELECT DISTINCT category, region FROM ledger_months) AS known
LEFT JOIN cells ON cells.category IS NOT DISTINCT FROM known.category AND cells.region = known.region
LEFT JOIN categories ON categories.category IS NOT DISTINCT FROM known.category
