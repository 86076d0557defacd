-- Without a managers file: a manager for each number that businesses name.
SELECT DISTINCT manager_id, manager_id AS name, CAST(NULL AS VARCHAR) AS branch FROM businesses
