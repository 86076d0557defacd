-- One scored payment, if it is of a business of these managers.
SELECT payment_risk.*, business_scores.name, business_scores.district_code, business_scores.industry_code
FROM payment_risk
JOIN business_scores USING (business_id)
WHERE payment_risk.payment_id = $payment_id AND business_scores.manager_id IN $manager_ids
