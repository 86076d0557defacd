-- Contracts that ended before they began.
SELECT
    row_no,
    'closed_on' AS column_name,
    CAST(closed_on AS VARCHAR) AS value,
    'closed_before_opened' AS code,
    'row' AS action
FROM scratch.typed_rows
WHERE closed_on < opened_on
