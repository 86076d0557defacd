-- Accepted rows of one file, and the period they cover.
SELECT count(*) AS rows_loaded, min(period) AS first_period, max(period) AS last_period
FROM (
    SELECT row_no, CAST(COLUMNS(LAMBDA c: c = $period) AS VARCHAR) AS period
    FROM scratch.typed_rows
    WHERE row_no BETWEEN $first AND $last AND row_no NOT IN (SELECT row_no FROM scratch.rejected_rows)
)
