-- What ranking knows of a product: its kind, whether it is relief, whether it is sold, and how often offers are taken.
-- The chance leans on all products as if 20 offers of each had met the common rate. What was never offered says nothing:
-- the bank chose whom to ask.
WITH answers AS (
    SELECT
        product_id,
        count(*) FILTER (WHERE action = 'offered') AS offered,
        count(*) FILTER (WHERE action = 'accepted') AS accepted
    FROM interactions
    WHERE available_on <= $as_of
    GROUP BY product_id
), everything AS (
    SELECT coalesce(sum(accepted) / nullif(sum(offered), 0), 0) AS rate
    FROM answers
)
SELECT
    catalogue.kind,
    catalogue.is_sale = 0 OR catalogue.purpose IN ('refinance', 'hardship', 'low_credit', 'restart') AS is_relief,
    catalogue.is_sale = 1 AS is_sale,
    least(1.0, (coalesce(answers.accepted, 0) + 20 * everything.rate) / (coalesce(answers.offered, 0) + 20.0))
        AS acceptance
FROM advice_catalogue AS catalogue
CROSS JOIN everything
LEFT JOIN answers USING (product_id)
ORDER BY catalogue.product_number
