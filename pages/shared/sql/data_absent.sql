-- Tables of the contract that no file filled.
SELECT source_table
FROM absent_tables
ORDER BY source_table
