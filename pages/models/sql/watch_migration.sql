-- Customers by tier so many months before the newest month end, and where they stand now.
SELECT
    from_as_of,
    to_as_of,
    from_tier,
    to_place,
    businesses,
    share
FROM watch_migration
WHERE months = $months AND to_as_of = (SELECT max(to_as_of) FROM watch_migration WHERE months = $months)
