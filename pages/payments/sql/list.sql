-- The gravest scored payments first, of these managers' businesses and of the newest $days days; at most $rows.
-- What nobody could assess stands before what is merely unusual: a person has to look.
SELECT
    payment_risk.payment_id,
    payment_risk."at",
    payment_risk.business_id,
    business_scores.name,
    payment_risk.amount_krw,
    payment_risk.merchant_category,
    payment_risk.method,
    payment_risk.succeeded,
    payment_risk.p_success,
    payment_risk.risk_index,
    payment_risk.level,
    payment_risk.action,
    payment_risk.missing,
    payment_risk.share_fraud,
    payment_risk.share_pattern,
    payment_risk.share_amount,
    payment_risk.share_time,
    payment_risk.reasons
FROM payment_risk
JOIN business_scores USING (business_id)
WHERE
    business_scores.manager_id IN $manager_ids
    AND payment_risk."at" > (SELECT max("at") FROM payment_risk) - to_days($days)
    AND list_contains($levels, payment_risk.level)
ORDER BY
    list_position(['very_high', 'high', 'not_assessable', 'medium', 'low'], payment_risk.level),
    payment_risk.risk_index DESC NULLS LAST,
    payment_risk."at" DESC,
    payment_risk.payment_id
LIMIT $rows
