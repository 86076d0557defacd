-- The scored payments of scored_payments beside what is known of them; NaN of the scores is unknown.
SELECT
    r.payment_id,
    p.customer_id,
    p.business_id,
    p."at",
    p.amount_krw,
    p.merchant_id,
    p.merchant_category,
    p.method,
    p.succeeded,
    p.fraud,
    CASE WHEN NOT isnan(r.p_success) THEN r.p_success END AS p_success,
    CAST(r.decision AS VARCHAR) AS decision,
    CASE WHEN NOT isnan(r.p_fraud) THEN r.p_fraud END AS p_fraud,
    CASE WHEN NOT isnan(r.risk_index) THEN r.risk_index END AS risk_index,
    CAST(r.level AS VARCHAR) AS level,
    CAST(r.action AS VARCHAR) AS action,
    CAST(r.missing AS VARCHAR) AS missing,
    CASE WHEN NOT isnan(r.part_fraud) THEN r.part_fraud END AS part_fraud,
    CASE WHEN NOT isnan(r.part_pattern) THEN r.part_pattern END AS part_pattern,
    CASE WHEN NOT isnan(r.part_amount) THEN r.part_amount END AS part_amount,
    CASE WHEN NOT isnan(r.part_time) THEN r.part_time END AS part_time,
    CASE WHEN NOT isnan(r.share_fraud) THEN r.share_fraud END AS share_fraud,
    CASE WHEN NOT isnan(r.share_pattern) THEN r.share_pattern END AS share_pattern,
    CASE WHEN NOT isnan(r.share_amount) THEN r.share_amount END AS share_amount,
    CASE WHEN NOT isnan(r.share_time) THEN r.share_time END AS share_time,
    CAST(r.reasons AS VARCHAR) AS reasons
FROM scored_payments AS r
JOIN payments AS p ON p.payment_id = r.payment_id
ORDER BY p."at", r.payment_id
