-- Active customers by churn level and by step of probability ($edges, ascending), with the expected number that leaves;
-- customers without a probability by the state that says why.
SELECT
    churn_state AS state,
    churn_level AS level,
    len(list_filter(CAST($edges AS DOUBLE[]), LAMBDA edge: churn_3m >= edge)) AS step,
    any_value(as_of) AS as_of,
    count(*) AS businesses,
    sum(churn_3m) AS expected,
    sum(churn_3m * deposit_avg_krw) AS deposit_at_stake_krw
FROM business_scores
WHERE manager_id IN $manager_ids AND churn_state IS NOT NULL
GROUP BY ALL
ORDER BY ALL
