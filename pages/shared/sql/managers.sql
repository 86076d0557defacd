-- every relationship manager of the bank, branch by branch; chooses the scope, shows no business
SELECT
    manager_id,
    name,
    branch
FROM managers
ORDER BY branch COLLATE ko, name COLLATE ko, manager_id
