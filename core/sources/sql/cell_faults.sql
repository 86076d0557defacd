-- Cells of one column that break the contract. is_valid(value) and fault(value) are those of its type:
-- sql/cells/<type>.sql.
WITH cells AS (
    SELECT rowid AS row_no, COLUMNS(LAMBDA c: c = $column) AS value FROM scratch.staged_rows
)
SELECT
    row_no,
    $column AS column_name,
    value,
    CASE WHEN $required THEN 'row' ELSE 'value' END AS action,
    CASE
        WHEN clean(value) IS NULL THEN 'missing'
        WHEN $column = 'revenue_krw' AND fault(value) = 'amount_negative' THEN 'revenue_negative'
        ELSE fault(value)
    END AS code
FROM cells
WHERE CASE
    WHEN value IS NULL THEN $required
    WHEN is_valid(value) THEN FALSE
    WHEN clean(value) IS NULL THEN $required
    ELSE TRUE
END
