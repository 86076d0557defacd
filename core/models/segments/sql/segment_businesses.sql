-- Every business of segment_inputs with its district, tier, PD and chance of churn.
-- Reads segment_inputs, businesses, opportunity_now, pd_scores, churn_scores.
SELECT
    inputs.*,
    businesses.district_code,
    now.tier,
    pd.pd_12m,
    churn.churn_3m
FROM segment_inputs AS inputs
JOIN businesses USING (business_id)
LEFT JOIN opportunity_now AS now ON now.business_id = inputs.business_id
LEFT JOIN pd_scores AS pd ON pd.business_id = inputs.business_id AND pd.as_of = now.as_of
LEFT JOIN churn_scores AS churn ON churn.business_id = inputs.business_id AND churn.as_of = now.as_of
ORDER BY inputs.business_id
