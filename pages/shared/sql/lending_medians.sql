-- What is usual of each feature of the default model among all the bank's businesses of a category.
-- Medians of thirty businesses or more: of nobody, so no manager is bound (tests/pages/shared/test_queries.py names
-- this file).
WITH long AS (
    UNPIVOT (
        SELECT i.* EXCLUDE (business_id)
        FROM model_inputs_default AS i
        JOIN businesses AS b ON b.business_id = i.business_id
        WHERE b.category = $category
    )
    ON COLUMNS(*)
    INTO NAME feature VALUE value
)

SELECT
    feature,
    median(value) AS usual,
    count(*) AS n
FROM long
WHERE isfinite(value)
GROUP BY feature
HAVING count(*) >= 30
ORDER BY feature
