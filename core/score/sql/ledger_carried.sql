-- What was shown for the month-end $before when it was new, as the build before has kept it.
SELECT
    business_id,
    as_of,
    score,
    tier,
    exact,
    build_id
FROM previous.scores_shown
WHERE as_of = $before
