-- The scored payments of these managers' businesses in the newest $days days of them, level by level.
SELECT
    payment_risk.level,
    count(*) AS payments,
    sum(payment_risk.amount_krw) AS amount_krw,
    count(*) FILTER (payment_risk.decision = 'review') AS unsure,
    count(*) FILTER (payment_risk.succeeded = 0) AS failed,
    min(payment_risk."at") AS first_at,
    max(payment_risk."at") AS last_at
FROM payment_risk
JOIN business_scores USING (business_id)
WHERE
    business_scores.manager_id IN $manager_ids
    AND payment_risk."at" > (SELECT max("at") FROM payment_risk) - to_days($days)
GROUP BY payment_risk.level
ORDER BY payment_risk.level
