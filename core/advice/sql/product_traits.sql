-- Properties of a product that ranking uses: its kind, whether it is relief, whether it is sold, and the share of its
-- offers that are accepted, shrunk towards all products as if 20 more offers of each had met the common share. Only
-- businesses that got an offer count: what others took on their own says nothing of the chance of an offer.
WITH offers AS (
    SELECT
        business_id,
        product_id,
        count(*) FILTER (WHERE action = 'offered') AS offered,
        min("at") FILTER (WHERE action = 'offered') AS first_at
    FROM interactions
    WHERE is_known(available_on, $as_of)
    GROUP BY business_id, product_id
), acceptances AS (
    SELECT offers.business_id, offers.product_id, count(*) AS accepted
    FROM offers
    JOIN interactions USING (business_id, product_id)
    WHERE
        interactions.action = 'accepted' AND interactions."at" >= offers.first_at
        AND is_known(interactions.available_on, $as_of)
    GROUP BY offers.business_id, offers.product_id
), by_product AS (
    SELECT
        offers.product_id,
        sum(offers.offered) AS offered,
        sum(least(offers.offered, coalesce(acceptances.accepted, 0))) AS accepted
    FROM offers
    LEFT JOIN acceptances USING (business_id, product_id)
    GROUP BY offers.product_id
), all_products AS (
    SELECT coalesce(sum(accepted) / nullif(sum(offered), 0), 0) AS rate
    FROM by_product
)
SELECT
    catalogue.kind,
    catalogue.is_sale = 0 OR catalogue.purpose IN ('refinance', 'hardship', 'low_credit', 'restart') AS is_relief,
    catalogue.is_sale = 1 AS is_sale,
    (coalesce(by_product.accepted, 0) + 20 * all_products.rate) / (coalesce(by_product.offered, 0) + 20.0) AS acceptance
FROM advice_catalogue AS catalogue
CROSS JOIN all_products
LEFT JOIN by_product USING (product_id)
ORDER BY catalogue.product_number
