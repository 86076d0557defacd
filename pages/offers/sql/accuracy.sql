-- Accuracy of the recommenders on the newest months, a row each; 'served' is the list that was shown.
SELECT
    model,
    max(value) FILTER (WHERE metric = 'recall') AS recall,
    max(value) FILTER (WHERE metric = 'ndcg') AS ndcg,
    max(value) FILTER (WHERE metric = 'taken_forbidden') AS taken_forbidden,
    CAST(max(n) FILTER (WHERE metric = 'recall') AS BIGINT) AS n
FROM advice_figures
GROUP BY model
HAVING max(n) FILTER (WHERE metric = 'recall') > 0
ORDER BY recall DESC, model
