-- The book by level of leaving and by twentieth of probability: how many active customers, how many of them will leave
-- if the probabilities hold; and how many have no probability, by the reason.
SELECT
    churn_scores.state,
    churn_scores.level,
    least(CAST(floor(churn_scores.churn_3m * 20) AS INTEGER), 19) AS bin,
    any_value(churn_scores.as_of) AS as_of,
    count(*) AS businesses,
    sum(churn_scores.churn_3m) AS expected,
    sum(churn_scores.churn_3m * business_scores.deposit_avg_krw) AS deposit_at_stake_krw
FROM churn_scores
JOIN business_scores USING (business_id, as_of)
WHERE business_scores.manager_id IN $manager_ids
GROUP BY ALL
ORDER BY ALL
