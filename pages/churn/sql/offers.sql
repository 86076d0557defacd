-- Customers who may leave by the value of their retention offer, with the offer or the reason why there is none.
-- The counts are over all rows, not over $rows.
SELECT
    offers.business_id,
    scores.name,
    scores.as_of,
    offers.churn_level,
    offers.churn_3m,
    CASE
        WHEN offers.holdout THEN 'holdout'
        WHEN offers.offer IS NULL THEN 'none'
        ELSE 'offered'
    END AS status,
    offers.offer,
    offers.for_reason,
    offers.clv_krw,
    offers.at_stake_krw,
    offers.cost_krw,
    CASE WHEN offers.offer IS NOT NULL THEN offers.expected_value_krw END AS expected_value_krw,
    offers.campaign,
    CASE
        WHEN conditions.loan_within_31_days OR NOT conditions.loans_unknown THEN conditions.loan_within_31_days
    END AS loan_within_31_days,
    facts.planned_loan_on,
    tying_until(facts.last_loan_executed_on) AS tying_until,
    scores.last_contact_on,
    count(*) OVER () AS leaving,
    count(offers.offer) OVER () AS offered,
    count(*) FILTER (WHERE offers.holdout) OVER () AS held_out,
    sum(offers.cost_krw) OVER () AS cost_sum_krw,
    sum(CASE WHEN offers.offer IS NOT NULL THEN offers.at_stake_krw END) OVER () AS stake_sum_krw
FROM retention_offers AS offers
JOIN business_scores AS scores ON scores.business_id = offers.business_id
LEFT JOIN advice_facts AS facts ON facts.business_id = offers.business_id
LEFT JOIN advice_conditions AS conditions ON conditions.business_id = offers.business_id
WHERE offers.manager_id IN $manager_ids
ORDER BY offers.offer IS NULL, offers.expected_value_krw DESC, offers.business_id
LIMIT $rows
