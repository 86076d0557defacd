-- Columns that the ledger asks of the build before and that it lacks.
SELECT
    wanted.table_name,
    wanted.column_name
FROM (
    VALUES
    ('businesses', 'category'), ('businesses', 'region'), ('businesses', 'customer_since'), ('businesses', 'status'),
    ('businesses', 'status_on'), ('businesses', 'available_on'), ('revenue', 'revenue_krw'),
    ('revenue', 'available_on'), ('loans', 'loan_id'), ('loans', 'business_id'), ('repayments', 'days_past_due'),
    ('repayments', 'available_on'), ('opportunity_history', 'score_raw'), ('opportunity_history', 'points_shrink'),
    ('opportunity_history', 'cap'), ('opportunity_history', 'tier')
) AS wanted (table_name, column_name)
LEFT JOIN duckdb_columns() AS found
    ON
        found.database_name = 'previous'
        AND found.table_name = wanted.table_name
        AND found.column_name = wanted.column_name
WHERE found.column_name IS NULL
