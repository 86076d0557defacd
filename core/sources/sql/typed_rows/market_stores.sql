-- One row per trade area, industry and quarter.
SELECT
    staged_rows.rowid AS row_no,
    to_area(staged_rows.area_code) AS area_code,
    generation(to_area(staged_rows.area_code)) AS generation,
    industry_codes.industry_code,
    to_quarter(staged_rows.quarter) AS quarter,
    CAST(to_count(staged_rows.stores) AS INTEGER) AS stores,
    CAST(to_count(staged_rows.similar_stores) AS INTEGER) AS similar_stores,
    CAST(to_count(staged_rows.opened) AS INTEGER) AS opened,
    CAST(to_count(staged_rows.closed) AS INTEGER) AS closed,
    CAST(to_count(staged_rows.franchise) AS INTEGER) AS franchise,
    known_on(staged_rows.available_at, quarter_end(to_quarter(staged_rows.quarter))) AS available_on
FROM scratch.staged_rows
LEFT JOIN scratch.industry_codes ON industry_codes.code = to_text(staged_rows.industry_code)
