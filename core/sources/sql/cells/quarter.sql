-- A quarter as the city writes it, 20241.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_quarter(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'quarter_impossible';
