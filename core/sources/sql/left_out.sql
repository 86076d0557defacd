-- Rows with at least one fault that leaves them out.
SELECT DISTINCT row_no FROM scratch.faults WHERE action = 'row'
