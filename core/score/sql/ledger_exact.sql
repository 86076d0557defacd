-- The score before rounding: shrunk and capped, so that what caps and shrinkage do is inside.
SELECT
    business_id,
    least(round(score_raw + points_shrink, 9), cap) AS exact
FROM ledger_scored
