-- What ranking knows of a product: its kind, whether it is relief, whether it is sold, and how often offers are taken.
-- The chance leans on all products as if 20 offers of each had met the common rate. What was never offered says
-- nothing: the bank chose whom to ask. What was taken without an offer says nothing either: counted, it would make of 8
-- in 10 a certainty.
WITH asked AS (
    SELECT
        business_id,
        product_id,
        count(*) FILTER (WHERE action = 'offered') AS offered,
        min("at") FILTER (WHERE action = 'offered') AS first_at
    FROM interactions
    WHERE available_on <= $as_of
    GROUP BY business_id, product_id
), taken AS (
    SELECT asked.business_id, asked.product_id, count(*) AS accepted
    FROM asked
    JOIN interactions USING (business_id, product_id)
    WHERE
        interactions.action = 'accepted' AND interactions."at" >= asked.first_at AND interactions.available_on <= $as_of
    GROUP BY asked.business_id, asked.product_id
), answers AS (
    SELECT
        asked.product_id,
        sum(asked.offered) AS offered,
        sum(least(asked.offered, coalesce(taken.accepted, 0))) AS accepted
    FROM asked
    LEFT JOIN taken USING (business_id, product_id)
    GROUP BY asked.product_id
), everything AS (
    SELECT coalesce(sum(accepted) / nullif(sum(offered), 0), 0) AS rate
    FROM answers
)
SELECT
    catalogue.kind,
    catalogue.is_sale = 0 OR catalogue.purpose IN ('refinance', 'hardship', 'low_credit', 'restart') AS is_relief,
    catalogue.is_sale = 1 AS is_sale,
    (coalesce(answers.accepted, 0) + 20 * everything.rate) / (coalesce(answers.offered, 0) + 20.0) AS acceptance
FROM advice_catalogue AS catalogue
CROSS JOIN everything
LEFT JOIN answers USING (product_id)
ORDER BY catalogue.product_number
