-- Ten digits.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS to_registration(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'registration_format';
