-- Rows whose key may be there more than once. Compared by hash, so that 20 million keys need little memory.
WITH keyed AS (
    SELECT row_no, hash(*COLUMNS(LAMBDA c: list_contains($key, c))) AS key_hash
    FROM scratch.typed_rows
    WHERE row_no NOT IN (SELECT row_no FROM scratch.rejected_rows)
),
repeated AS (
    SELECT key_hash FROM keyed GROUP BY key_hash HAVING count(*) > 1
)
SELECT row_no FROM keyed WHERE key_hash IN (SELECT key_hash FROM repeated)
