-- What a payment at each merchant usually is in each month, from the complete months before it: a table the stream is
-- handed. A young merchant leans on its category with the weight of five payments.
WITH by_month AS (
    SELECT
        merchant_id,
        min(merchant_category) AS merchant_category,
        month,
        sum(ln_amount) AS ln_sum,
        count(*) AS n
    FROM payment_events
    GROUP BY merchant_id, month
), category_month AS (
    SELECT
        merchant_category,
        month,
        sum(ln_sum) AS ln_sum,
        sum(n) AS n
    FROM by_month
    GROUP BY merchant_category, month
), category_before AS (
    SELECT
        merchant_category,
        month,
        sum(ln_sum) OVER earlier / nullif(sum(n) OVER earlier, 0) AS category_ln_mean
    FROM category_month
    WINDOW earlier AS (
        PARTITION BY merchant_category ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
), merchant_before AS (
    SELECT
        merchant_id,
        merchant_category,
        month,
        coalesce(sum(ln_sum) OVER earlier, 0.0) AS ln_sum,
        coalesce(sum(n) OVER earlier, 0) AS n
    FROM by_month
    WINDOW earlier AS (PARTITION BY merchant_id ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT
    m.merchant_id,
    m.month,
    (m.ln_sum + 5.0 * c.category_ln_mean) / (m.n + 5.0) AS usual_ln_amount
FROM merchant_before AS m
JOIN category_before AS c ON c.merchant_category = m.merchant_category AND c.month = m.month
