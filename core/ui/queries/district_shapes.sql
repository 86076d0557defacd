SELECT
    district_shapes.district_code,
    name_ko,
    name_en,
    geojson,
    label_lon,
    label_lat
FROM district_shapes
JOIN districts USING (district_code)
ORDER BY district_shapes.district_code
