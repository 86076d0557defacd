-- The folder for what does not fit in memory, and the database's file (NULL in memory).
SELECT current_setting('temp_directory') AS folder, path AS file
FROM duckdb_databases()
WHERE database_name = current_database()
