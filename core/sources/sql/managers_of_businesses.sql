-- Without a file of managers: one manager for each number that a business names.
SELECT DISTINCT manager_id, manager_id AS name, CAST(NULL AS VARCHAR) AS branch FROM businesses
