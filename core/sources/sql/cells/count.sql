-- A whole number, 0 or more.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_count(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS replace(fault_amount(v), 'amount', 'count');
