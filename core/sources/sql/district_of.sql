-- One row per staged business: its district by code, else by trade area, else by coordinate (scratch.places).
SELECT
    stage.rowid AS row_no,
    coalesce(districts.district_code, areas.district_code, places.district_code) AS district_code,
    CASE
        WHEN areas.area_code IS NOT NULL OR NOT EXISTS (SELECT 1 FROM market_areas)
            THEN to_text(stage.trade_area_code)
    END AS trade_area_code,
    CASE WHEN places.district_code IS NOT NULL THEN places.lat END AS lat,
    CASE WHEN places.district_code IS NOT NULL THEN places.lon END AS lon
FROM scratch.stage
LEFT JOIN districts ON districts.district_code = to_text(stage.district_code)
LEFT JOIN market_areas AS areas ON areas.area_code = to_text(stage.trade_area_code)
LEFT JOIN scratch.places ON places.lat = to_latitude(stage.lat) AND places.lon = to_longitude(stage.lon)
