-- One row per trade area and quarter.
SELECT
    rowid AS row_no,
    to_area(area_code) AS area_code,
    generation(to_area(area_code)) AS generation,
    to_quarter(quarter) AS quarter,
    to_count(people) AS people,
    known_on(available_at, quarter_end(to_quarter(quarter))) AS available_on
FROM scratch.staged_rows
