-- Log change of the peers' sales in the newest month, beyond the season: the median of the cell, shrunk towards the
-- median of its category like the industry component; 0 where the category has fewer than $peer_min_category peers.
-- Reads ledger_months.
WITH changes AS (
    SELECT
        category,
        region,
        ln(greatest(r_00, 0) + $floor_krw) - ln(greatest(r_01, 0) + $floor_krw)
        - coalesce(si_00, 0) + coalesce(si_01, 0) AS log_change
    FROM ledger_months
    WHERE r_00 IS NOT NULL AND r_01 IS NOT NULL AND status <> 'closed'
), cells AS (
    SELECT category, region, count(*) AS peers, median(log_change) AS log_change
    FROM changes
    GROUP BY category, region
), categories AS (
    SELECT category, count(*) AS peers, median(log_change) AS log_change
    FROM changes
    GROUP BY category
)
SELECT
    all_cells.category,
    all_cells.region,
    CASE
        WHEN categories.peers >= $peer_min_category
            THEN
                (coalesce(cells.peers * cells.log_change, 0) + $peer_prior * categories.log_change)
                / (coalesce(cells.peers, 0) + $peer_prior)
        ELSE 0
    END AS log_change
FROM (SELECT DISTINCT category, region FROM ledger_months) AS all_cells
LEFT JOIN cells ON cells.category IS NOT DISTINCT FROM all_cells.category AND cells.region = all_cells.region
LEFT JOIN categories ON categories.category IS NOT DISTINCT FROM all_cells.category
