-- Exact score: after shrinkage and caps, before rounding. Reads ledger_scored.
SELECT
    business_id,
    least(round(score_raw + points_shrink, 9), cap) AS exact
FROM ledger_scored
