-- Industry component of a scenario: the percentile of each new change among the peers of the day $market, as in
-- score_peers.sql; among them the business has its new change instead of its old one.
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
), scenario AS (
    SELECT business_id, as_of, category, region, change_raw
    FROM score_components
    WHERE change_raw IS NOT NULL AND has_months AND status <> 'closed'
), changes AS (
    SELECT business_id, category, region, change_raw, 1 AS is_peer FROM peers
    UNION ALL
    SELECT business_id, category, region, change_raw, 0 FROM scenario
), counts AS (
    SELECT
        *,
        sum(is_peer) OVER (PARTITION BY category, region) AS cell_all,
        sum(is_peer) OVER (PARTITION BY category, region, change_raw) AS cell_same,
        sum(is_peer) OVER (PARTITION BY category, region ORDER BY change_raw RANGE UNBOUNDED PRECEDING) AS cell_upto,
        sum(is_peer) OVER (PARTITION BY category) AS category_all,
        sum(is_peer) OVER (PARTITION BY category, change_raw) AS category_same,
        sum(is_peer) OVER (PARTITION BY category ORDER BY change_raw RANGE UNBOUNDED PRECEDING) AS category_upto
    FROM changes
), old_changes AS (
    -- The old change of the business itself, which is subtracted from the counts.
    SELECT
        scenario.business_id,
        CASE WHEN peers.business_id IS NULL THEN 0 ELSE 1 END AS peer,
        CASE WHEN peers.change_raw < scenario.change_raw THEN 1 ELSE 0 END AS below,
        CASE WHEN peers.change_raw = scenario.change_raw THEN 1 ELSE 0 END AS same
    FROM scenario
    LEFT JOIN peers ON peers.business_id = scenario.business_id
), ranks AS (
    SELECT
        counts.business_id,
        counts.cell_all - old.peer + 1 AS cell_peers,
        counts.category_all - old.peer + 1 AS category_peers,
        -- Mid-rank: peers below, and half of the ties, the business included.
        counts.cell_upto - counts.cell_same - old.below + (counts.cell_same - old.same + 1) / 2 AS cell_rank,
        counts.category_upto - counts.category_same - old.below + (counts.category_same - old.same + 1) / 2
            AS category_rank
    FROM counts
    JOIN old_changes AS old ON old.business_id = counts.business_id
    WHERE counts.is_peer = 0
)
SELECT
    business_id,
    CAST($as_of AS DATE) AS as_of,
    CAST(cell_peers AS INTEGER) AS peers,
    CASE
        WHEN category_peers >= $peer_min_category
            THEN (cell_rank + $peer_prior * category_rank / category_peers) / (cell_peers + $peer_prior)
    END AS u_industry
FROM ranks
