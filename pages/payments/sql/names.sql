-- Names of the businesses of these managers: the live feed keeps of the bank's payments those of theirs.
SELECT business_id, name
FROM business_scores
WHERE manager_id IN $manager_ids
