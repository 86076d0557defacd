CREATE OR REPLACE TABLE scratch.parts (file VARCHAR, first_row BIGINT, end_row BIGINT);
CREATE OR REPLACE TABLE scratch.segments (file VARCHAR, first_row BIGINT, line BIGINT);
