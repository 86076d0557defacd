-- Faults of the staged rows, and the rows they reject; both empty at first.
CREATE OR REPLACE TABLE scratch.faults (
    row_no BIGINT, column_name VARCHAR, value VARCHAR, code VARCHAR, action VARCHAR, detail VARCHAR
);
CREATE OR REPLACE TABLE scratch.rejected_rows (row_no BIGINT);
