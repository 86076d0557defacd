-- Median of every feature among the businesses of a category in the same month: what peers did. A category with fewer
-- than $min_peers businesses in the month is compared with all.
WITH long AS (
    UNPIVOT anomaly_months ON COLUMNS(* EXCLUDE (business_id, month, category)) INTO NAME feature VALUE value
), whole AS (
    SELECT
        month,
        feature,
        median(value) AS peer_median
    FROM long
    GROUP BY month, feature
), own AS (
    SELECT
        category,
        month,
        feature,
        median(value) AS peer_median,
        count(*) AS peers
    FROM long
    GROUP BY category, month, feature
), categories AS (
    SELECT DISTINCT category, month
    FROM anomaly_months
)
SELECT
    categories.category,
    categories.month,
    whole.feature,
    CASE WHEN own.peers >= $min_peers THEN own.peer_median ELSE whole.peer_median END AS peer_median
FROM categories
JOIN whole ON whole.month = categories.month
LEFT JOIN own
    ON own.category = categories.category AND own.month = categories.month AND own.feature = whole.feature
