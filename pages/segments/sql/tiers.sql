-- Businesses of the whole bank by segment and tier.
SELECT *
FROM segment_tiers
WHERE view = $view
