-- the shapes as one GeoJSON text; the same for everyone
SELECT
    '{"type":"FeatureCollection","features":['
    || string_agg(
        '{"type":"Feature","properties":{},"id":"' || district_code || '","geometry":' || geojson || '}',
        ',' ORDER BY district_code
    )
    || ']}' AS geojson
FROM district_shapes
