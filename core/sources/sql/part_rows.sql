-- Rows of one file that are kept, and the period they cover.
SELECT count(*) AS rows_loaded, min(period) AS first_period, max(period) AS last_period
FROM (
    SELECT row_no, CAST(COLUMNS(LAMBDA c: c = $period) AS VARCHAR) AS period
    FROM scratch.typed
    WHERE row_no >= $first AND row_no < $end AND row_no NOT IN (SELECT row_no FROM scratch.left_out)
)
