-- One row per staged business: its district by code, else by trade area, else by coordinate (scratch.coordinates).
SELECT
    staged.rowid AS row_no,
    coalesce(districts.district_code, areas.district_code, coordinates.district_code) AS district_code,
    CASE
        WHEN areas.area_code IS NOT NULL OR NOT EXISTS (SELECT 1 FROM market_areas)
            THEN to_text(staged.trade_area_code)
    END AS trade_area_code,
    coordinates.lat,
    coordinates.lon
FROM scratch.staged_rows AS staged
LEFT JOIN districts ON districts.district_code = to_text(staged.district_code)
LEFT JOIN market_areas AS areas ON areas.area_code = to_text(staged.trade_area_code)
LEFT JOIN scratch.coordinates
    ON
        coordinates.lat = to_latitude(staged.lat) AND coordinates.lon = to_longitude(staged.lon)
        AND coordinates.district_code IS NOT NULL
