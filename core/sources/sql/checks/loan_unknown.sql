-- Repayments of a loan that is not in loans.
SELECT row_no, 'loan_id' AS column_name, loan_id AS value, 'loan_unknown' AS code, 'row' AS action
FROM scratch.typed_rows
WHERE loan_id IS NOT NULL AND loan_id NOT IN (SELECT loans.loan_id FROM loans)
