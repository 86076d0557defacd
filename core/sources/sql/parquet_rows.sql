-- Rows of a Parquet file (registered as parquet_batches under the contract's names) as text.
SELECT CAST(COLUMNS(LAMBDA c: list_contains($keep, c)) AS VARCHAR) FROM parquet_batches
