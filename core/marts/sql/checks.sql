-- One row per check of a build: name, whether it holds, its value and the expected one.
SELECT
    'one_row_per_business' AS check_name,
    count(*) = count(DISTINCT business_id) AS ok,
    CAST(count(*) - count(DISTINCT business_id) AS DOUBLE) AS value,
    '= 0' AS expected
FROM business_scores
UNION ALL
SELECT
    'points_add_up',
    coalesce(max(abs(points - score_raw)), 0) < 1e-6,
    coalesce(max(abs(points - score_raw)), 0),
    '< 1e-6'
FROM (
    SELECT
        coalesce(points_change, 0) + coalesce(points_volatility, 0) + coalesce(points_trend, 0)
        + coalesce(points_season, 0) + coalesce(points_industry, 0) AS points,
        score_raw
    FROM business_scores
    WHERE score_raw IS NOT NULL
)
UNION ALL
SELECT
    'tier_matches_score',
    count(*) FILTER (WHERE tier <> CASE
        WHEN score <= 20 THEN 1 WHEN score <= 40 THEN 2 WHEN score <= 60 THEN 3 WHEN score <= 80 THEN 4 ELSE 5
    END OR (score IS NULL) <> (tier IS NULL)) = 0,
    CAST(count(*) FILTER (WHERE (score IS NULL) <> (tier IS NULL)) AS DOUBLE),
    '= 0'
FROM business_scores
UNION ALL
SELECT
    'drivers_add_up_to_pd',
    coalesce(max(gap), 0) < 1e-6,
    coalesce(max(gap), 0),
    '< 1e-6'
FROM (
    SELECT abs(any_value(pd.pd_12m) - 1 / (1 + exp(-(any_value(drivers.base) + sum(drivers.contribution))))) AS gap
    FROM drivers
    JOIN business_scores AS pd USING (business_id)
    WHERE drivers.model = 'default'
    GROUP BY drivers.business_id
)
UNION ALL
SELECT
    'pd_is_a_probability',
    count(*) FILTER (WHERE NOT pd_12m BETWEEN 0 AND 1) = 0,
    CAST(count(*) FILTER (WHERE NOT pd_12m BETWEEN 0 AND 1) AS DOUBLE),
    '= 0'
FROM business_scores
UNION ALL
SELECT
    'no_row_lost_on_the_way',
    count(*) FILTER (WHERE rows_read <> rows_loaded + rows_quarantined) = 0,
    CAST(coalesce(sum(rows_read - rows_loaded - rows_quarantined), 0) AS DOUBLE),
    '= 0'
FROM source_files
UNION ALL
SELECT
    'drivers_add_up_to_churn',
    coalesce(max(gap), 0) < 1e-6,
    coalesce(max(gap), 0),
    '< 1e-6'
FROM (
    SELECT abs(any_value(now.churn_3m) - 1 / (1 + exp(-(any_value(drivers.base) + sum(drivers.contribution))))) AS gap
    FROM drivers
    JOIN business_scores AS now USING (business_id)
    WHERE drivers.model = 'churn'
    GROUP BY drivers.business_id
)
UNION ALL
SELECT
    'churn_is_a_probability_with_its_level',
    count(*) FILTER (WHERE NOT churn_3m BETWEEN 0 AND 1 OR (churn_3m IS NULL) <> (churn_level IS NULL)) = 0,
    CAST(count(*) FILTER (WHERE NOT churn_3m BETWEEN 0 AND 1 OR (churn_3m IS NULL) <> (churn_level IS NULL)) AS DOUBLE),
    '= 0'
FROM business_scores
UNION ALL
SELECT
    'customers_come_and_go_exactly',
    count(*) FILTER (WHERE active_end <> active_start + new + reactivated - churned - closed) = 0,
    CAST(count(*) FILTER (WHERE active_end <> active_start + new + reactivated - churned - closed) AS DOUBLE),
    '= 0'
FROM churn_flows
UNION ALL
SELECT
    'customers_carry_over_to_the_next_month',
    count(*) FILTER (WHERE active_start <> end_before) = 0,
    CAST(count(*) FILTER (WHERE active_start <> end_before) AS DOUBLE),
    '= 0'
FROM (
    SELECT active_start, lag(active_end) OVER (PARTITION BY manager_id ORDER BY month) AS end_before
    FROM churn_flows
)
UNION ALL
SELECT
    'ledger_adds_up',
    count(*) FILTER (
        WHERE own + market + model <> change OR change <> score - score_before
        OR tier_own + tier_market + tier_model <> tier - tier_before
    ) = 0 AND coalesce(max(abs(own_exact + market_exact + model_exact - change_exact)), 0) < 1e-6,
    coalesce(max(abs(own_exact + market_exact + model_exact - change_exact)), 0),
    '< 1e-6'
FROM score_ledger
UNION ALL
SELECT
    'ledger_rounds_by_less_than_a_point',
    coalesce(max(greatest(abs(own - own_exact), abs(market - market_exact), abs(model - model_exact))), 0) < 1,
    coalesce(max(greatest(abs(own - own_exact), abs(market - market_exact), abs(model - model_exact))), 0),
    '< 1'
FROM score_ledger
UNION ALL
SELECT
    'ledger_tells_every_move_shown',
    count(*) FILTER (
        WHERE (scores.score_1m IS NOT NULL AND scores.score IS NOT NULL) <> (ledger.business_id IS NOT NULL)
        OR ledger.change <> scores.score - scores.score_1m OR ledger.tier - ledger.tier_before <> scores.tier_move
    ) = 0,
    CAST(count(*) FILTER (
        WHERE (scores.score_1m IS NOT NULL AND scores.score IS NOT NULL) <> (ledger.business_id IS NOT NULL)
    ) AS DOUBLE),
    '= 0'
FROM business_scores AS scores
LEFT JOIN score_ledger AS ledger USING (business_id)
UNION ALL
SELECT
    'migration_rows_add_up_to_one',
    count(*) FILTER (WHERE abs(total - 1) > 1e-9) = 0,
    CAST(count(*) FILTER (WHERE abs(total - 1) > 1e-9) AS DOUBLE),
    '= 0'
FROM (
    SELECT sum(share) AS total
    FROM watch_migration
    GROUP BY months, from_as_of, from_tier
)
UNION ALL
SELECT
    'a_segment_or_the_reason_why_not',
    count(*) FILTER (WHERE rows_ <> 1 OR (segment IS NULL) = (state = 'OK')) = 0,
    CAST(count(*) FILTER (WHERE rows_ <> 1 OR (segment IS NULL) = (state = 'OK')) AS DOUBLE),
    '= 0'
FROM (
    SELECT view, business_id, count(*) AS rows_, any_value(segment) AS segment, any_value(state) AS state
    FROM segments
    GROUP BY view, business_id
)
