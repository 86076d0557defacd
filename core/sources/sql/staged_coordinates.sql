-- Distinct coordinates of the staged businesses.
SELECT DISTINCT to_latitude(lat) AS lat, to_longitude(lon) AS lon
FROM scratch.staged_rows
WHERE to_latitude(lat) IS NOT NULL AND to_longitude(lon) IS NOT NULL
