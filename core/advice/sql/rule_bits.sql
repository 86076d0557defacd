-- Codes of the rules and their bits, in the order of the rule table.
SELECT code, bit
FROM advice_rules
ORDER BY bit
