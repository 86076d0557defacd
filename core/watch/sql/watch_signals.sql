-- One row per business, month end and rule that fires, with the value that made it fire. The probabilities of the test
-- months are those of the trial models, which were not trained on them; the newest two months are the served models'.
WITH sales AS (
    SELECT
        business_id,
        last_day(month) AS as_of,
        sum(revenue_krw)
            OVER (PARTITION BY business_id ORDER BY month RANGE BETWEEN INTERVAL 2 MONTH PRECEDING AND CURRENT ROW)
            AS now_krw,
        count(revenue_krw)
            OVER (PARTITION BY business_id ORDER BY month RANGE BETWEEN INTERVAL 2 MONTH PRECEDING AND CURRENT ROW)
            AS now_months,
        sum(revenue_krw)
            OVER (
                PARTITION BY business_id
                ORDER BY month RANGE BETWEEN INTERVAL 14 MONTH PRECEDING AND INTERVAL 12 MONTH PRECEDING
            )
            AS before_krw,
        count(revenue_krw)
            OVER (
                PARTITION BY business_id
                ORDER BY month RANGE BETWEEN INTERVAL 14 MONTH PRECEDING AND INTERVAL 12 MONTH PRECEDING
            )
            AS before_months
    FROM revenue
), probabilities AS (
    SELECT entity_id AS business_id, as_of, model, p FROM model_test WHERE model IN ('default', 'churn')
    UNION ALL
    SELECT business_id, as_of, 'default', pd_12m FROM pd_scores WHERE pd_basis = 'exposed'
    UNION ALL
    SELECT business_id, as_of, 'churn', churn_3m FROM churn_scores
), before AS (
    SELECT
        *,
        lag(tier) OVER (PARTITION BY business_id ORDER BY as_of) AS tier_before
    FROM watch_states
), fired AS (
    SELECT business_id, as_of, 'past_due_30' AS rule, CAST(days_past_due AS DOUBLE) AS value
    FROM watch_states
    WHERE days_past_due >= $late_dpd
    UNION ALL
    SELECT business_id, as_of, 'past_due_10', days_past_due
    FROM watch_states
    WHERE days_past_due >= $early_dpd AND days_past_due < $late_dpd
    UNION ALL
    SELECT business_id, as_of, 'tier_down', score
    FROM before
    WHERE tier <= 2 AND tier < tier_before
    UNION ALL
    SELECT business_id, as_of, 'no_sales', 0.0
    FROM watch_states
    WHERE state IN ('ZERO_2M', 'ZERO_SALES')
    UNION ALL
    SELECT business_id, as_of, 'sales_down', now_krw / before_krw - 1
    FROM sales
    WHERE now_months = 3 AND before_months = 3 AND before_krw > 0 AND now_krw <= (1 - $sales_fall) * before_krw
    UNION ALL
    SELECT business_id, as_of, 'pd_high', p
    FROM probabilities
    WHERE model = 'default' AND p >= $pd_high
    UNION ALL
    SELECT business_id, as_of, 'churn_high', p
    FROM probabilities
    WHERE model = 'churn' AND p >= $churn_high
)
-- A customer who is closed, in default or gone needs no early warning.
SELECT fired.*
FROM fired
JOIN watch_states AS places ON places.business_id = fired.business_id AND places.as_of = fired.as_of
WHERE places.place NOT IN ('CLOSED', 'DEFAULT', 'EXITED')
