-- The rule table with a bit for each rule, so that a set of rules is one number.
SELECT
    *,
    CAST(1 AS BIGINT) << CAST(row_number() OVER () - 1 AS INTEGER) AS bit
FROM read_csv($path, header = TRUE, all_varchar = TRUE)
