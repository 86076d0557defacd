-- Older files name the quarter in two columns, or only the month. Text that is no month is copied as it is: the check
-- of the cell reports it.
UPDATE scratch.staged_rows SET
    quarter = CASE
        WHEN year IS NOT NULL AND quarter_of_year IS NOT NULL THEN trim(year) || trim(quarter_of_year)
        WHEN regexp_full_match(year_month, '\d{4}(0[1-9]|1[0-2])')
            THEN left(year_month, 4) || CAST((CAST(right(year_month, 2) AS INTEGER) + 2) // 3 AS VARCHAR)
        ELSE concat(year, year_month)
    END
WHERE quarter IS NULL
