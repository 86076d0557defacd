-- Contributions of the heaviest features in a sample of rows; $rows of them are enough to see the shape.
WITH heaviest AS (
    SELECT
        feature,
        mean_abs
    FROM model_importance
    WHERE model = $model
    ORDER BY mean_abs DESC, feature
    LIMIT $most
)

SELECT
    b.feature,
    b.value,
    b.value_pct,
    b.contribution
FROM model_beeswarm AS b
JOIN heaviest AS h ON b.feature = h.feature
WHERE
    b.model = $model AND b.row IN (
        SELECT DISTINCT row
        FROM model_beeswarm
        WHERE model = $model
        ORDER BY row
        LIMIT $rows
    )
ORDER BY h.mean_abs DESC, b.feature, b.row
