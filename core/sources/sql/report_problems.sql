-- Kinds of problems of one file, the most frequent first, each with the first place where it stands.
SELECT
    code, action, column_name, count(*) AS n, min(line) AS line, arg_min(value, line) AS value,
    any_value(reason) AS reason
FROM quarantine
WHERE file = $file AND ($table IS NULL OR source_table IN ($table, 'managers'))
GROUP BY code, action, column_name
ORDER BY action = 'note', n DESC, code
