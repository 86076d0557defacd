-- Points of a model's ROC, PR and cost curves on its out-of-time rows, from the highest probability down.
-- One point a change of a hundredth in either rate: at most two hundred, whatever the number of rows.
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
        sum(bads) OVER from_the_top AS tp,
        sum(goods) OVER from_the_top AS fp,
        sum(bads) OVER () AS positives,
        sum(goods) OVER () AS negatives
    FROM steps
    WINDOW from_the_top AS (ORDER BY p DESC)
)

SELECT
    min(p) AS threshold,
    CAST(max(tp) AS DOUBLE) AS tp,
    CAST(max(fp) AS DOUBLE) AS fp,
    CAST(any_value(positives) AS DOUBLE) AS positives,
    CAST(any_value(negatives) AS DOUBLE) AS negatives
FROM running
GROUP BY floor(100 * tp / greatest(positives, 1)), floor(100 * fp / greatest(negatives, 1))
ORDER BY threshold DESC
