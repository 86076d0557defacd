-- Ten digits.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS to_registration(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'registration_format';
