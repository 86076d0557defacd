-- A day that may lie ahead.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_later_day(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS fault_date(v, any_day(v), DATE '1900-01-01');
