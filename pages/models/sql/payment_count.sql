-- Number of payments in the bank's files.
SELECT CAST(sum(rows_loaded) AS BIGINT) AS payments
FROM source_files
WHERE source_table = 'payments'
