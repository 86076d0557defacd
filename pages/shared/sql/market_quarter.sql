-- the newest quarter of the city's files; the as-of of a build without a bank's book
SELECT max(quarter) AS quarter
FROM market_scores
