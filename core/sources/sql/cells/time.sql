-- A point in time from 1990 to today.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_time(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS fault_date(v, CAST(any_time(v) AS DATE), DATE '1990-01-01');
