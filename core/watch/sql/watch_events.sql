-- The events that rules warn of, one row each. `trouble`: 90 days past due or closed, and not so the month before.
-- `left`: gone to another bank.
WITH onsets AS (
    SELECT
        business_id,
        as_of,
        place IN ('CLOSED', 'DEFAULT') AS is_trouble,
        lag(place IN ('CLOSED', 'DEFAULT')) OVER (PARTITION BY business_id ORDER BY as_of) AS was_trouble
    FROM watch_states
)
SELECT business_id, 'trouble' AS event, as_of AS happened_on
FROM onsets
WHERE is_trouble AND NOT was_trouble
UNION ALL
SELECT business_id, 'left', last_day(month)
FROM watch_spells
WHERE month > (SELECT min(as_of) FROM watch_states)
