-- Median of every feature among the businesses of each category the model speaks of, at the as_of of pd_snapshot.
WITH long AS (
  UNPIVOT (SELECT * EXCLUDE (business_id, as_of, region, pd_basis, has_loan) FROM pd_snapshot WHERE state = 'OK')
  ON COLUMNS(* EXCLUDE (category, state))
  INTO NAME feature VALUE value
)
SELECT category, feature, median(value) AS peer_median
FROM long
GROUP BY category, feature
