-- Scores of districts: sales are the sum of all cells of the quarter, growth over a year is that of the cells in both
-- quarters. Reads market_rated, market_rows.
SELECT
    rated.business_id AS district_code,
    year(rated.as_of) * 10 + CAST(floor((month(rated.as_of) + 2) / 3) AS INTEGER) AS quarter,
    CAST(rows.r_00 AS BIGINT) AS sales_krw,
    rows.r_00 / nullif(rows.r_04, 0) - 1 AS growth_yoy,
    rated.score,
    rated.tier,
    CAST(rows.areas AS INTEGER) AS areas,
    CAST(rows.cells AS INTEGER) AS cells,
    rated.state,
    rated.points_change,
    rated.points_volatility,
    rated.points_trend,
    rated.points_season,
    rated.points_industry
FROM market_rated AS rated
JOIN market_rows AS rows ON rows.business_id = rated.business_id AND rows.as_of = rated.as_of
ORDER BY quarter, district_code
