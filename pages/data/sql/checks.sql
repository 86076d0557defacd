-- What the build checked of itself.
SELECT
    check_name,
    ok,
    value,
    expected
FROM checks
ORDER BY ok, check_name
