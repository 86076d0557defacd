-- One row per coordinate; district_code is NULL outside Seoul.
SELECT lat, lon, nullif(district_code, '') AS district_code FROM place_rows
