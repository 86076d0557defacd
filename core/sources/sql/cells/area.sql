-- A trade-area code of any generation.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_area(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'area_code_unknown';
