-- Strongest reasons of the unusual businesses, each with the value of the business and the median of its peers.
-- Reads anomaly_ranks, anomaly_months, anomaly_peers.
WITH long AS (
    UNPIVOT (FROM anomaly_months WHERE month = date_trunc('month', CAST($as_of AS DATE)))
    ON COLUMNS(* EXCLUDE (business_id, month, category)) INTO NAME feature VALUE value
)
SELECT
    a.business_id,
    a.rank,
    a.feature,
    long.value,
    p.peer_median,
    a.share
FROM anomaly_ranks AS a
JOIN long ON long.business_id = a.business_id AND long.feature = a.feature
JOIN anomaly_peers AS p
    ON p.category = long.category AND p.month = long.month AND p.feature = a.feature
ORDER BY a.business_id, a.rank
