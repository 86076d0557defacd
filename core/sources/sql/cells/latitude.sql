-- Degrees north, near Korea.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_latitude(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS CASE
    WHEN to_number(v) IS NULL THEN fault_number(v) ELSE 'coordinate_outside'
END;
