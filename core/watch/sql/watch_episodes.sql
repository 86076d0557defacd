-- Alerts: consecutive months in which a rule fires for a business are one alert, which begins with the first of them.
-- `is_cut`: the alert may have begun earlier, as it stands at the first month end of its rule or at the first after a
-- gap.
WITH seen AS (
    SELECT rule, as_of, lag(as_of) OVER (PARTITION BY rule ORDER BY as_of) AS before
    FROM watch_seen
), started AS (
    SELECT
        signals.*,
        seen.before,
        CASE
            WHEN
                lag(signals.as_of) OVER (PARTITION BY signals.rule, signals.business_id ORDER BY signals.as_of)
                = last_day(date_trunc('month', signals.as_of) - INTERVAL 1 MONTH) THEN 0
            ELSE 1
        END AS starts
    FROM watch_signals AS signals
    JOIN seen ON seen.rule = signals.rule AND seen.as_of = signals.as_of
), numbered AS (
    SELECT *, sum(starts) OVER (PARTITION BY rule, business_id ORDER BY as_of ROWS UNBOUNDED PRECEDING) AS episode
    FROM started
)
SELECT
    rule,
    business_id,
    min(as_of) AS first_on,
    max(as_of) AS last_on,
    count(*) AS months,
    max_by(value, as_of) AS value,
    bool_or(starts = 1 AND coalesce(before <> last_day(date_trunc('month', as_of) - INTERVAL 1 MONTH), TRUE)) AS is_cut
FROM numbered
GROUP BY rule, business_id, episode
