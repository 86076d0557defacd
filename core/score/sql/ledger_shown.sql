-- Scores that the previous build shows for the month-end $before.
SELECT
    business_id,
    as_of,
    score,
    tier,
    least(round(score_raw + points_shrink, 9), cap) AS exact,
    CAST($build AS VARCHAR) AS build_id
FROM previous.opportunity_history
WHERE as_of = $before
