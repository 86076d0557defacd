-- A whole number, 0 or more.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_count(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS replace(fault_amount(v), 'amount', 'count');
