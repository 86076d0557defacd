-- The book by level of leaving and by step of probability ($edges, rising): how many active customers, how many of them
-- will leave if the probabilities hold; and how many have no probability, by the reason.
SELECT
    churn_scores.state,
    churn_scores.level,
    len(list_filter(CAST($edges AS DOUBLE[]), lambda edge: churn_scores.churn_3m >= edge)) AS step,
    any_value(churn_scores.as_of) AS as_of,
    count(*) AS businesses,
    sum(churn_scores.churn_3m) AS expected,
    sum(churn_scores.churn_3m * business_scores.deposit_avg_krw) AS deposit_at_stake_krw
FROM churn_scores
JOIN business_scores USING (business_id, as_of)
WHERE business_scores.manager_id IN $manager_ids
GROUP BY ALL
ORDER BY ALL
