-- A month from 1990 to this one.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_month(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS fault_date(v, any_month(v), DATE '1990-01-01');
