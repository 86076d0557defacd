-- Typed rows without the rejected ones.
SELECT * EXCLUDE (row_no) FROM scratch.typed_rows WHERE row_no NOT IN (SELECT row_no FROM scratch.rejected_rows)
