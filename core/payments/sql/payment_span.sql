-- How many payments there are to learn from, and the first and last instant.
SELECT
    count(*) AS payments,
    min("at") AS first_at,
    max("at") AS last_at,
    count(*) FILTER (WHERE succeeded = 0) AS failures
FROM payments
