-- Columns that the ledger needs from the previous build and that are missing there.
SELECT
    required.table_name,
    required.column_name
FROM (
    VALUES
    ('businesses', 'category'), ('businesses', 'region'), ('businesses', 'customer_since'), ('businesses', 'status'),
    ('businesses', 'status_on'), ('businesses', 'available_on'), ('revenue', 'revenue_krw'),
    ('revenue', 'available_on'), ('loans', 'loan_id'), ('loans', 'business_id'), ('repayments', 'days_past_due'),
    ('repayments', 'available_on'), ('opportunity_history', 'score_raw'), ('opportunity_history', 'points_shrink'),
    ('opportunity_history', 'cap'), ('opportunity_history', 'tier')
) AS required (table_name, column_name)
LEFT JOIN duckdb_columns() AS existing
    ON
        existing.database_name = 'previous'
        AND existing.table_name = required.table_name
        AND existing.column_name = required.column_name
WHERE existing.column_name IS NULL
