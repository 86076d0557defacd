-- Names of the regions of Seoul.
SELECT
    region,
    name_ko,
    name_en
FROM regions
ORDER BY region
