-- Rows of a business that is not in businesses.
SELECT
    typed.row_no, 'business_id' AS column_name, typed.business_id AS value, 'business_unknown' AS code, 'row' AS action
FROM scratch.typed
WHERE typed.business_id IS NOT NULL AND typed.business_id NOT IN (SELECT business_id FROM businesses)
