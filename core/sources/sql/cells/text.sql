-- Any text.
CREATE OR REPLACE TEMP MACRO is_fine(v) AS clean(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(v) AS 'missing';
