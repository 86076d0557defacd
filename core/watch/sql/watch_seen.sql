-- The month ends at which each rule could fire: those of the scored history, or those that a model has scored.
SELECT
    rules.rule,
    ends.as_of
FROM watch_rule_names AS rules
CROSS JOIN (SELECT DISTINCT as_of, as_of = min(as_of) OVER () AS is_first FROM watch_states) AS ends
WHERE rules.rule NOT IN ('pd_high', 'churn_high') AND NOT (rules.rule = 'tier_down' AND ends.is_first)
UNION
SELECT
    CASE model WHEN 'default' THEN 'pd_high' ELSE 'churn_high' END,
    as_of
FROM model_test
WHERE model IN ('default', 'churn')
UNION
SELECT 'pd_high', as_of FROM pd_scores WHERE pd_12m IS NOT NULL
UNION
SELECT 'churn_high', as_of FROM churn_scores WHERE churn_3m IS NOT NULL
