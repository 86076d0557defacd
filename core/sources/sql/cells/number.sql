-- A number, 0 or more.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_number(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS fault_number(v);
