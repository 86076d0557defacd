-- A number, 0 or more.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_number(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS fault_number(v);
