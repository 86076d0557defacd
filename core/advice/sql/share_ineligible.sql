-- Share of the pairs in advice_shown that some rule forbids, and how many pairs there are.
SELECT
    coalesce(avg(CASE WHEN pairs.failed <> 0 THEN 1.0 ELSE 0.0 END), 0.0) AS share,
    count(*) AS n
FROM advice_shown
JOIN advice_pairs AS pairs USING (number, product_number)
