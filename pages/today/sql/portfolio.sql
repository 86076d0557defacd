-- One row: the book of these managers in figures.
SELECT
    any_value(as_of) AS as_of,
    count(*) FILTER (WHERE state <> 'CLOSED') AS businesses,
    count(*) FILTER (WHERE tier = 1) AS tier_1,
    count(*) FILTER (WHERE tier = 2) AS tier_2,
    count(*) FILTER (WHERE tier = 3) AS tier_3,
    count(*) FILTER (WHERE tier = 4) AS tier_4,
    count(*) FILTER (WHERE tier = 5) AS tier_5,
    count(*) FILTER (WHERE tier IS NULL AND state <> 'CLOSED') AS not_rated,
    count(*) FILTER (WHERE tier_move > 0) AS moved_up,
    count(*) FILTER (WHERE tier_move < 0) AS moved_down,
    count(*) FILTER (WHERE tier_move IS NOT NULL) AS comparable,
    sum(exposure_krw) AS exposure_krw,
    sum(expected_loss_krw) AS expected_loss_krw,
    -- NULL where the bank delivered no file of loans: unknown is not zero.
    CASE WHEN count(exposure_krw) > 0 THEN count(*) FILTER (WHERE exposure_krw > 0) END AS exposed,
    avg(pd_12m) FILTER (WHERE pd_basis = 'exposed') AS pd_mean,
    avg(pd_1m) FILTER (WHERE pd_basis = 'exposed' AND pd_12m IS NOT NULL) AS pd_mean_1m,
    count(pd_12m) FILTER (WHERE pd_basis = 'exposed') AS pd_n,
    CASE WHEN count(exposure_krw) > 0 THEN count(*) FILTER (WHERE days_past_due >= $late_dpd) END AS past_due_30
FROM business_scores
WHERE manager_id IN $manager_ids
