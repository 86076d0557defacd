-- Scores that were shown for the month-end $before when it was the newest, as the previous build stored them.
SELECT
    business_id,
    as_of,
    score,
    tier,
    exact,
    build_id
FROM previous.scores_shown
WHERE as_of = $before
