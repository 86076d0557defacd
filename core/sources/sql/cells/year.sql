-- A year of birth.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_year(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'year_impossible';
