-- Names that Spark has and DuckDB lacks: with these two the feature SQL runs unchanged on both.
CREATE OR REPLACE TEMP MACRO percentile(X, P) AS quantile_cont(x, p);
CREATE OR REPLACE TEMP MACRO unix_date(D) AS CAST(d AS DATE) - DATE '1970-01-01';
