-- Rows of a Parquet file (registered under the contract's names) as text.
SELECT CAST(COLUMNS(LAMBDA c: list_contains($keep, c)) AS VARCHAR) FROM parquet_rows
