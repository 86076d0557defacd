-- Whole won, 0 or more.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_won(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS fault_amount(v);
