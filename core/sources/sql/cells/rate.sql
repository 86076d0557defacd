-- A rate as a fraction: below 1.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_rate(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS CASE WHEN to_number(v) IS NULL THEN fault_number(v) ELSE 'rate_percent' END;
