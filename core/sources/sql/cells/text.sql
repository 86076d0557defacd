-- Any text.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS clean(v) IS NOT NULL;
CREATE OR REPLACE TEMP MACRO fault(V) AS 'missing';
