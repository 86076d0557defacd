-- How the recommenders did on the newest months, each with its figures in a row; 'served' is what the lists showed.
SELECT
    model,
    max(value) FILTER (WHERE metric = 'recall') AS recall,
    max(value) FILTER (WHERE metric = 'ndcg') AS ndcg,
    max(value) FILTER (WHERE metric = 'map') AS map,
    max(value) FILTER (WHERE metric = 'taken_forbidden') AS taken_forbidden,
    CAST(max(n) FILTER (WHERE metric = 'recall') AS BIGINT) AS n
FROM advice_figures
GROUP BY model
HAVING max(n) FILTER (WHERE metric = 'recall') > 0
ORDER BY recall DESC, model
