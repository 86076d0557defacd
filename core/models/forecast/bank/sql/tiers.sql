-- Tier of each business at each scored month, with the month as a number (12 x year + month - 1).
SELECT
    business_id,
    year(as_of) * 12 + month(as_of) - 1 AS origin,
    tier
FROM opportunity_history
WHERE tier IS NOT NULL
