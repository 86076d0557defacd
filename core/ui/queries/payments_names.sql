-- Names of those of the asked businesses that are of these managers.
SELECT business_id, name
FROM business_scores
WHERE manager_id IN $manager_ids AND list_contains($business_ids, business_id)
