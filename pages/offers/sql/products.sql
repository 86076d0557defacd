-- Every product over the book: number of recommendations (closed businesses get some too) by suitability, their value
-- in a year, number of open businesses that a rule excludes, and the rule that excludes most.
WITH open_ones AS (
    SELECT product_id, sum(businesses) AS businesses, sum(eligible) AS eligible
    FROM advice_products
    WHERE manager_id IN $manager_ids
    GROUP BY product_id
), offered AS (
    SELECT
        product_id,
        count(*) AS recommended,
        count(*) FILTER (WHERE suitability <> 'record_missing') AS may_recommend,
        count(*) FILTER (WHERE suitability = 'record_missing') AS information,
        count(*) FILTER (WHERE scores.state = 'CLOSED') AS closed,
        nullif(sum(expected_value_krw), 0) AS value_krw
    FROM recommendations
    JOIN business_scores AS scores USING (business_id)
    WHERE recommendations.manager_id IN $manager_ids
    GROUP BY product_id
), counted AS (
    SELECT product_id, rule, sum(n) AS n
    FROM advice_blocked
    WHERE manager_id IN $manager_ids
    GROUP BY product_id, rule
), first_rule AS (
    SELECT product_id, max_by(rule, (n, rule)) AS rule, max(n) AS rule_n
    FROM counted
    GROUP BY product_id
)
SELECT
    products.product_id,
    products.kind,
    CAST(open_ones.businesses AS BIGINT) AS businesses,
    CAST(open_ones.businesses - open_ones.eligible AS BIGINT) AS blocked,
    (open_ones.businesses - open_ones.eligible) / nullif(CAST(open_ones.businesses AS DOUBLE), 0) AS blocked_share,
    first_rule.rule,
    first_rule.rule_n / nullif(CAST(open_ones.businesses AS DOUBLE), 0) AS rule_share,
    coalesce(offered.recommended, 0) AS recommended,
    coalesce(offered.may_recommend, 0) AS may_recommend,
    coalesce(offered.information, 0) AS information,
    coalesce(offered.closed, 0) AS closed,
    offered.value_krw
FROM products
JOIN open_ones USING (product_id)
LEFT JOIN offered USING (product_id)
LEFT JOIN first_rule USING (product_id)
ORDER BY recommended DESC, products.product_id
