-- 0 or 1.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_flag(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'flag_unknown';
