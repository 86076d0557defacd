-- Names that Spark has and DuckDB lacks: with these two the feature SQL runs unchanged on both.
CREATE OR REPLACE TEMP MACRO percentile(x, p) AS quantile_cont(x, p);
CREATE OR REPLACE TEMP MACRO unix_date(d) AS CAST(d AS DATE) - DATE '1970-01-01';
