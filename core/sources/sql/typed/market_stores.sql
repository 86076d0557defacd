-- One row per trade area, industry and quarter.
SELECT
    stage.rowid AS row_no,
    to_area(stage.area_code) AS area_code,
    generation(to_area(stage.area_code)) AS generation,
    industry_of.industry_code,
    to_quarter(stage.quarter) AS quarter,
    CAST(to_count(stage.stores) AS INTEGER) AS stores,
    CAST(to_count(stage.similar_stores) AS INTEGER) AS similar_stores,
    CAST(to_count(stage.opened) AS INTEGER) AS opened,
    CAST(to_count(stage.closed) AS INTEGER) AS closed,
    CAST(to_count(stage.franchise) AS INTEGER) AS franchise,
    known_on(stage.available_at, quarter_end(to_quarter(stage.quarter))) AS available_on
FROM scratch.stage
LEFT JOIN scratch.industry_of ON industry_of.code = to_text(stage.industry_code)
