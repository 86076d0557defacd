-- Businesses whose manager is not in managers; checked only where managers has a file.
SELECT typed.row_no, 'manager_id' AS column_name, typed.manager_id AS value, 'manager_unknown' AS code, 'row' AS action
FROM scratch.typed_rows AS typed
LEFT JOIN managers ON managers.manager_id = typed.manager_id
WHERE typed.manager_id IS NOT NULL AND managers.manager_id IS NULL AND EXISTS (SELECT 1 FROM managers)
