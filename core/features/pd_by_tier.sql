-- The scored test rows of the default model with the opportunity tier of the same business and month.
SELECT
  t.business_id,
  t.as_of,
  t.p,
  t.bad,
  o.tier
FROM pd_test AS t
JOIN opportunity_history AS o ON o.business_id = t.business_id AND o.as_of = t.as_of
WHERE o.tier IS NOT NULL
