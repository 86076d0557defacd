-- How good each rule was, one row a rule. Precision counts the alerts whose horizon is over; the lead is the months
-- from the alert to the event, for the alerts that were right. The base rate beside it is that of all customers.
WITH newest AS (
    SELECT max(as_of) AS as_of FROM watch_states
), spans AS (
    SELECT
        watch_rule_names.rule,
        watch_rule_names.event,
        watch_rule_names.horizon,
        watch_rule_names.severity,
        min(seen.as_of) AS first_on,
        count(seen.as_of) AS months_seen,
        max(seen.as_of) FILTER (
            WHERE seen.as_of
            <= last_day(date_trunc('month', newest.as_of) - to_months(CAST(watch_rule_names.horizon AS INTEGER)))
        ) AS judged_to
    FROM watch_rule_names
    CROSS JOIN newest
    LEFT JOIN watch_seen AS seen USING (rule)
    GROUP BY
        watch_rule_names.rule,
        watch_rule_names.event,
        watch_rule_names.horizon,
        watch_rule_names.severity
), judged AS (
    SELECT
        spans.rule,
        episodes.business_id,
        episodes.first_on,
        min(date_diff('month', episodes.first_on, events.happened_on)) AS lead_months
    FROM watch_episodes AS episodes
    JOIN spans USING (rule)
    LEFT JOIN watch_events AS events
        ON
            events.business_id = episodes.business_id
            AND events.event = spans.event
            AND events.happened_on > episodes.first_on
            AND events.happened_on
            <= last_day(date_trunc('month', episodes.first_on) + to_months(CAST(spans.horizon AS INTEGER)))
    WHERE episodes.first_on <= spans.judged_to AND NOT episodes.is_cut
    GROUP BY spans.rule, episodes.business_id, episodes.first_on
), hits AS (
    SELECT
        rule,
        count(*) AS judged,
        count(lead_months) AS hits,
        median(lead_months) AS lead_median,
        avg(CASE WHEN lead_months >= 3 THEN 1.0 ELSE 0.0 END) FILTER (WHERE lead_months IS NOT NULL) AS lead_3_share
    FROM judged
    GROUP BY rule
), volume AS (
    SELECT
        rule,
        count(*) AS alerts,
        avg(CASE WHEN months >= 2 THEN 1.0 ELSE 0.0 END) AS persist_share
    FROM watch_episodes
    WHERE NOT is_cut
    GROUP BY rule
), active AS (
    SELECT business_id, as_of
    FROM watch_states
    WHERE place NOT IN ('CLOSED', 'DEFAULT', 'EXITED')
), base AS (
    -- The same event for every customer, at the month ends on which the rule is judged.
    SELECT
        spans.rule,
        count(DISTINCT(active.business_id, active.as_of)) AS customers,
        count(DISTINCT(active.business_id, active.as_of)) FILTER (WHERE events.business_id IS NOT NULL) AS affected
    FROM spans
    JOIN watch_seen AS seen ON seen.rule = spans.rule AND seen.as_of <= spans.judged_to
    JOIN active ON active.as_of = seen.as_of
    LEFT JOIN watch_events AS events
        ON
            events.business_id = active.business_id
            AND events.event = spans.event
            AND events.happened_on > active.as_of
            AND events.happened_on
            <= last_day(date_trunc('month', active.as_of) + to_months(CAST(spans.horizon AS INTEGER)))
    GROUP BY spans.rule
), warned AS (
    -- Events for which the rule could have fired at every month end of its horizon.
    SELECT
        spans.rule,
        events.business_id,
        events.happened_on,
        count(signals.as_of) > 0 AS was_warned
    FROM watch_events AS events
    JOIN spans
        ON
            spans.event = events.event
            AND events.happened_on
            > last_day(date_trunc('month', spans.first_on) + to_months(CAST(spans.horizon AS INTEGER)))
    LEFT JOIN watch_signals AS signals
        ON
            signals.business_id = events.business_id
            AND signals.rule = spans.rule
            AND signals.as_of < events.happened_on
            AND signals.as_of
            >= last_day(date_trunc('month', events.happened_on) - to_months(CAST(spans.horizon AS INTEGER)))
    -- A rule that could fire in a few months only could not warn in the others.
    WHERE spans.months_seen >= spans.horizon + 6
    GROUP BY spans.rule, events.business_id, events.happened_on
), caught AS (
    SELECT rule, count(*) AS events, count(*) FILTER (WHERE was_warned) AS warned
    FROM warned
    GROUP BY rule
)
SELECT
    spans.rule,
    spans.severity,
    spans.event,
    CAST(spans.horizon AS INTEGER) AS horizon_months,
    spans.first_on,
    spans.judged_to,
    spans.months_seen,
    coalesce(volume.alerts, 0) AS alerts,
    100.0 * volume.alerts / spans.months_seen
    / (SELECT count(*) / count(DISTINCT as_of) FROM active) AS alerts_per_100_month,
    volume.persist_share,
    coalesce(hits.judged, 0) AS judged,
    coalesce(hits.hits, 0) AS hits,
    hits.hits / nullif(hits.judged, 0) AS precision,
    base.affected / nullif(base.customers, 0) AS base_rate,
    hits.lead_median,
    hits.lead_3_share,
    caught.events,
    caught.warned,
    caught.warned / nullif(caught.events, 0) AS recall
FROM spans
LEFT JOIN hits USING (rule)
LEFT JOIN volume USING (rule)
LEFT JOIN base USING (rule)
LEFT JOIN caught USING (rule)
ORDER BY spans.rule
