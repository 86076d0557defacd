-- A year of birth.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_year(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'year_impossible';
