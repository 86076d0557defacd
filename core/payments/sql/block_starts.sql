-- Instants at which the second to the last of $blocks blocks of equal size begin, by time.
WITH places AS (
    SELECT
        "at",
        row_number() OVER (ORDER BY "at") - 1 AS place,
        count(*) OVER () AS n
    FROM payment_features
)
SELECT p."at"
FROM places AS p
JOIN range(1, CAST($blocks AS INTEGER)) AS b (block) ON p.place = p.n * b.block // $blocks
ORDER BY p."at"
