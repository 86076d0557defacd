-- Industry component of a scenario: where its change would stand among the peers of $market, as score_peers counts it,
-- the business itself with its new change in place of its old one.
-- Reads score_components (the scenario), opportunity_history, ledger_months.
WITH peers AS (
    SELECT
        history.business_id,
        months.category,
        months.region,
        history.change_raw
    FROM opportunity_history AS history
    JOIN ledger_months AS months ON months.business_id = history.business_id
    WHERE
        history.as_of = $market
        AND history.change_raw IS NOT NULL
        AND history.state <> 'CLOSED'
        AND NOT contains(history.flags, 'MONTHS_MISSING')
), wanted AS (
    SELECT business_id, as_of, category, region, change_raw
    FROM score_components
    WHERE change_raw IS NOT NULL AND has_months AND status <> 'closed'
), everybody AS (
    SELECT business_id, category, region, change_raw, 1 AS is_peer FROM peers
    UNION ALL
    SELECT business_id, category, region, change_raw, 0 FROM wanted
), counted AS (
    SELECT
        *,
        sum(is_peer) OVER (PARTITION BY category, region) AS cell_all,
        sum(is_peer) OVER (PARTITION BY category, region, change_raw) AS cell_same,
        sum(is_peer) OVER (PARTITION BY category, region ORDER BY change_raw RANGE UNBOUNDED PRECEDING) AS cell_upto,
        sum(is_peer) OVER (PARTITION BY category) AS category_all,
        sum(is_peer) OVER (PARTITION BY category, change_raw) AS category_same,
        sum(is_peer) OVER (PARTITION BY category ORDER BY change_raw RANGE UNBOUNDED PRECEDING) AS category_upto
    FROM everybody
), placed AS (
    SELECT
        counted.business_id,
        counted.cell_all - is_own.peer + 1 AS cell_peers,
        counted.category_all - is_own.peer + 1 AS category_peers,
        -- Below, and half of the ties with itself among them.
        counted.cell_upto - counted.cell_same - is_own.below + (counted.cell_same - is_own.same + 1) / 2 AS cell_rank,
        counted.category_upto - counted.category_same - is_own.below + (counted.category_same - is_own.same + 1) / 2
            AS category_rank
    FROM counted
    JOIN (
        SELECT
            wanted.business_id,
            CASE WHEN peers.business_id IS NULL THEN 0 ELSE 1 END AS peer,
            CASE WHEN peers.change_raw < wanted.change_raw THEN 1 ELSE 0 END AS below,
            CASE WHEN peers.change_raw = wanted.change_raw THEN 1 ELSE 0 END AS same
        FROM wanted
        LEFT JOIN peers ON peers.business_id = wanted.business_id
    ) AS is_own ON is_own.business_id = counted.business_id
    WHERE counted.is_peer = 0
)
SELECT
    business_id,
    CAST($as_of AS DATE) AS as_of,
    CAST(cell_peers AS INTEGER) AS peers,
    CASE
        WHEN category_peers >= $peer_min_category
            THEN (cell_rank + $peer_prior * category_rank / category_peers) / (cell_peers + $peer_prior)
    END AS u_industry
FROM placed
