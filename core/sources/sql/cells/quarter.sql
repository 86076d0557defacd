-- A quarter as the city writes it, 20241.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_quarter(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'quarter_impossible';
