-- One row per manager as delivered.
SELECT rowid AS row_no, to_text(manager_id) AS manager_id, to_text(name) AS name, to_text(branch) AS branch
FROM scratch.staged_rows
