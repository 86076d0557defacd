-- The threshold that would have cost least on a model's out-of-time rows; NULL: no warning at all costs least.
WITH steps AS (
    SELECT
        p,
        sum(label) AS bads,
        count(*) - sum(label) AS goods
    FROM model_test
    WHERE model = $model
    GROUP BY p
),

running AS (
    SELECT
        p,
        $cost_fn * (sum(bads) OVER () - sum(bads) OVER from_the_top) + $cost_fp * sum(goods) OVER from_the_top AS cost
    FROM steps
    WINDOW from_the_top AS (ORDER BY p DESC)
),

choices AS (
    SELECT
        p AS threshold,
        cost
    FROM running
    UNION ALL
    SELECT
        NULL AS threshold,
        $cost_fn * sum(bads) AS cost
    FROM steps
)

SELECT
    threshold,
    CAST(cost AS DOUBLE) AS cost
FROM choices
ORDER BY cost, threshold DESC NULLS LAST
LIMIT 1
