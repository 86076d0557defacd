-- A trade-area code of any generation.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_area(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'area_code_unknown';
