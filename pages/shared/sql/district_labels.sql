-- where each district's name is written on the map
SELECT
    districts.district_code,
    name_ko,
    name_en,
    label_lon,
    label_lat
FROM districts
JOIN district_shapes USING (district_code)
ORDER BY districts.district_code
