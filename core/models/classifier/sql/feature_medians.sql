-- Median of every feature among the businesses of each category the model speaks of, at the as_of of cohort_snapshot.
WITH long AS (
    UNPIVOT (
        SELECT s.category, i.* EXCLUDE (business_id)
        FROM explained_inputs AS i
        JOIN cohort_snapshot AS s ON s.business_id = i.business_id
    )
    ON COLUMNS(* EXCLUDE (category))
    INTO NAME feature VALUE value
)
SELECT category, feature, median(value) AS peer_median
FROM long
GROUP BY category, feature
