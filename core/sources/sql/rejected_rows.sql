-- Rows with at least one fault that keeps them out of the checked table.
SELECT DISTINCT row_no FROM scratch.faults WHERE action = 'row'
