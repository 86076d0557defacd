-- One of the words that the contract allows.
CREATE OR REPLACE TEMP MACRO is_valid(V) AS list_contains(getvariable('choices'), to_choice(v));
CREATE OR REPLACE TEMP MACRO fault(V) AS 'word_unknown';
