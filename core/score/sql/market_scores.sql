-- Scores of trade area x industry cells, with their area, district, industry and category.
-- Reads market_rated, market_rows, market_cells.
SELECT
    cells.area_code,
    cells.district_code,
    cells.industry_code,
    cells.category,
    cells.quarter,
    CAST(cells.sales_krw AS BIGINT) AS sales_krw,
    rated.score,
    rated.tier,
    rated.points_change,
    rated.points_volatility,
    rated.points_trend,
    rated.points_season,
    rated.points_industry,
    rated.state,
    rated.flags,
    rows.r_00 / nullif(rows.r_04, 0) - 1 AS sales_yoy,
    rated.score_raw,
    rated.points_shrink,
    rated.months_observed AS quarters_observed,
    rated.peers,
    rated.u_industry,
    cells.available_on
FROM market_rated AS rated
JOIN market_rows AS rows ON rows.business_id = rated.business_id AND rows.as_of = rated.as_of
JOIN market_cells AS cells
    ON
        cells.cell_id = rated.business_id
        AND cells.quarter = year(rated.as_of) * 10 + CAST(floor((month(rated.as_of) + 2) / 3) AS INTEGER)
ORDER BY cells.quarter, cells.district_code NULLS LAST, cells.area_code, cells.industry_code
