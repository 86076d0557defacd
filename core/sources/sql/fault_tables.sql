CREATE OR REPLACE TABLE scratch.faults (
    row_no BIGINT, column_name VARCHAR, value VARCHAR, code VARCHAR, action VARCHAR, detail VARCHAR
);
CREATE OR REPLACE TABLE scratch.left_out (row_no BIGINT);
