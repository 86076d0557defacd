-- The scored test rows of the default model with the opportunity tier of the same business and month.
SELECT
    t.entity_id AS business_id,
    t.as_of,
    t.p,
    t.label,
    o.tier
FROM model_test AS t
JOIN opportunity_history AS o ON o.business_id = t.entity_id AND o.as_of = t.as_of
WHERE t.model = 'default' AND o.tier IS NOT NULL
