-- Median of every feature among the businesses of a category in the same month. A category with fewer than $min_peers
-- businesses in the month gets the median of all businesses. Reads anomaly_months.
WITH long AS (
    UNPIVOT anomaly_months ON COLUMNS(* EXCLUDE (business_id, month, category)) INTO NAME feature VALUE value
), overall AS (
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
    overall.feature,
    CASE WHEN own.peers >= $min_peers THEN own.peer_median ELSE overall.peer_median END AS peer_median
FROM categories
JOIN overall ON overall.month = categories.month
LEFT JOIN own
    ON own.category = categories.category AND own.month = categories.month AND own.feature = overall.feature
