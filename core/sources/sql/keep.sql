-- Typed rows without those that were left out.
SELECT * EXCLUDE (row_no) FROM scratch.typed WHERE row_no NOT IN (SELECT row_no FROM scratch.left_out)
