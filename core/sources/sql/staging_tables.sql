-- Which file a staged row came from, and the line it stands on: row r of a file is on line `line + r - first_row` of
-- the last entry with first_row <= r.
CREATE OR REPLACE TABLE scratch.staged_files (file VARCHAR, first_row BIGINT, last_row BIGINT);
CREATE OR REPLACE TABLE scratch.line_segments (file VARCHAR, first_row BIGINT, line BIGINT);
