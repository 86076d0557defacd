-- Repayments of a loan that is not in loans.
SELECT typed.row_no, 'loan_id' AS column_name, typed.loan_id AS value, 'loan_unknown' AS code, 'row' AS action
FROM scratch.typed
WHERE typed.loan_id IS NOT NULL AND typed.loan_id NOT IN (SELECT loan_id FROM loans)
