-- Rows of a business that is not in businesses.
SELECT row_no, 'business_id' AS column_name, business_id AS value, 'business_unknown' AS code, 'row' AS action
FROM scratch.typed_rows
WHERE business_id IS NOT NULL AND business_id NOT IN (SELECT businesses.business_id FROM businesses)
