-- One row per table, fault and action.
SELECT
    source_table,
    code,
    action,
    count(*) AS faults
FROM quarantine
GROUP BY ALL
ORDER BY faults DESC, source_table, code
