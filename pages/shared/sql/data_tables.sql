-- Tables of this build; a build of the city's files alone lacks those of the bank's book.
SELECT table_name
FROM information_schema.tables
ORDER BY table_name
