-- One row per trade area of the city.
SELECT
    rowid AS row_no,
    to_area(area_code) AS area_code,
    generation(to_area(area_code)) AS generation,
    to_text(area_type) AS area_type,
    to_text(name) AS name,
    to_text(district_code) AS district_code,
    to_text(dong_code) AS dong_code,
    to_number(x5181) AS x5181,
    to_number(y5181) AS y5181,
    to_number(area_m2) AS area_m2
FROM scratch.staged_rows
