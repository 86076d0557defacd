-- The alerts that hold at the newest month end, one row a business and rule, in the order of the manager's work: a
-- business is placed by its gravest alert, then by the precision of that rule, then by the loss that is expected.
-- Alerts beyond the budget are kept and not sent.
WITH open_now AS (
    SELECT
        episodes.*,
        scores.manager_id,
        scores.expected_loss_krw,
        rules.severity,
        rules.event,
        rules.precision,
        list_position(['critical', 'warning', 'watch'], rules.severity) AS grade
    FROM watch_episodes AS episodes
    JOIN watch_rules AS rules USING (rule)
    JOIN business_scores AS scores USING (business_id)
    WHERE episodes.last_on = CAST($as_of AS DATE)
), placed AS (
    SELECT
        business_id,
        row_number() OVER (
            PARTITION BY manager_id
            ORDER BY min(grade), max(precision) DESC NULLS LAST, max(expected_loss_krw) DESC NULLS LAST, business_id
        ) AS place
    FROM open_now
    GROUP BY manager_id, business_id
)
SELECT
    open_now.rule || ':' || open_now.business_id || ':' || strftime(open_now.first_on, '%Y-%m') AS alert_id,
    open_now.rule,
    open_now.severity,
    open_now.event,
    open_now.manager_id,
    open_now.business_id,
    open_now.first_on,
    open_now.last_on AS as_of,
    open_now.months,
    open_now.value,
    open_now.expected_loss_krw,
    placed.place,
    placed.place <= $budget AS within_budget
FROM open_now
JOIN placed USING (business_id)
ORDER BY open_now.manager_id, placed.place, open_now.grade, open_now.rule
