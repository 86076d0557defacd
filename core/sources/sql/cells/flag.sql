-- 0 or 1.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_flag(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'flag_unknown';
