-- Businesses that one product is recommended to, best first; left_out says why a campaign leaves a business out:
--   record     its state of suitability is not among the chosen ones
--   retention  it is held out of the retention offers, so that their effect can be measured
--   campaign   it is drawn by a hash of business and campaign: always the same draw for the same name
-- Nobody is held out of relief, referrals and rights. The counts are over all rows, not over $rows.
WITH offered AS (
    SELECT
        recommendations.*,
        products.is_sale = 1 AND NOT recommendations.is_relief AS may_hold_out,
        coalesce(retention.holdout, FALSE) AS retention_holdout,
        is_held_out(recommendations.business_id, $campaign, $holdout_share) AS is_drawn
    FROM recommendations
    JOIN products USING (product_id)
    LEFT JOIN retention_offers AS retention USING (business_id)
    WHERE recommendations.manager_id IN $manager_ids AND recommendations.product_id = $product_id
), placed AS (
    SELECT
        *,
        CASE
            WHEN NOT list_contains($states, suitability) THEN 'record'
            WHEN may_hold_out AND retention_holdout THEN 'retention'
            WHEN may_hold_out AND is_drawn THEN 'campaign'
        END AS left_out
    FROM offered
)
SELECT
    placed.business_id,
    scores.name,
    businesses.registration_no,
    scores.district_code,
    scores.industry_code,
    scores.segment,
    scores.tier,
    scores.score,
    placed.product_id,
    placed.reasons,
    placed.confirm,
    placed.suitability,
    CASE
        WHEN placed.kind IN ('loan', 'guarantee', 'policy') THEN facts.suitability_loan_on
        WHEN placed.kind = 'investment' THEN facts.suitability_investment_on
    END AS suitability_on,
    facts.planned_loan_on,
    CASE
        WHEN conditions.loan_within_31_days OR NOT conditions.loans_unknown THEN conditions.loan_within_31_days
    END AS loan_within_31_days,
    tying_until(facts.last_loan_executed_on) AS tying_until,
    nullif(placed.expected_value_krw, 0) AS expected_value_krw,
    nullif(placed.amount_krw, 0) AS amount_krw,
    scores.last_contact_on,
    scores.as_of,
    placed.left_out,
    count(*) OVER () AS recommended,
    count(*) FILTER (WHERE placed.left_out IS NULL) OVER () AS kept,
    count(*) FILTER (WHERE placed.left_out = 'record') OVER () AS left_record,
    count(*) FILTER (WHERE placed.left_out = 'retention') OVER () AS left_retention,
    count(*) FILTER (WHERE placed.left_out = 'campaign') OVER () AS left_campaign
FROM placed
JOIN business_scores AS scores ON scores.business_id = placed.business_id
JOIN businesses ON businesses.business_id = placed.business_id
LEFT JOIN advice_facts AS facts ON facts.business_id = placed.business_id
LEFT JOIN advice_conditions AS conditions ON conditions.business_id = placed.business_id
ORDER BY placed.left_out IS NOT NULL, placed.score DESC, placed.business_id
LIMIT $rows
