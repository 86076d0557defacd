-- The manager's week in figures: one row.
SELECT
    any_value(scores.as_of) AS as_of,
    (SELECT any_value(name) FROM managers WHERE manager_id = $manager_id) AS manager_name,
    (SELECT any_value(branch) FROM managers WHERE manager_id = $manager_id) AS branch,
    count(*) FILTER (WHERE scores.state <> 'CLOSED') AS businesses,
    count(*) FILTER (WHERE scores.tier_move > 0) AS moved_up,
    count(*) FILTER (WHERE scores.tier_move < 0) AS moved_down,
    count(*) FILTER (WHERE scores.tier <= 2) AS weak,
    sum(scores.exposure_krw) AS exposure_krw,
    sum(scores.expected_loss_krw) AS expected_loss_krw,
    -- Where no file told of loans, nobody is known to pay in time.
    CASE WHEN count(scores.exposure_krw) > 0 THEN count(*) FILTER (WHERE scores.days_past_due >= 30) END AS past_due_30,
    count(*) FILTER (WHERE scores.churn_level IN ('risk', 'severe') AND scores.state <> 'CLOSED') AS leaving,
    CASE WHEN count(scores.exposure_krw) > 0 THEN count(*) FILTER (
        WHERE scores.next_maturity_on > scores.as_of AND scores.next_maturity_on <= scores.as_of + INTERVAL 30 DAY
    ) END AS maturing
FROM business_scores AS scores
WHERE scores.manager_id = $manager_id
