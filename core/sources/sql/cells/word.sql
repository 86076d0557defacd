-- One of the words that the contract allows.
CREATE OR REPLACE TEMP MACRO is_fine(V) AS list_contains(getvariable('words'), to_word(v));
CREATE OR REPLACE TEMP MACRO fault(V) AS 'word_unknown';
