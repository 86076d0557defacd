-- One row per dong, industry and quarter.
SELECT
    stage.rowid AS row_no,
    to_text(stage.dong_code) AS dong_code,
    industry_of.industry_code,
    industry_of.category,
    to_quarter(stage.quarter) AS quarter,
    to_won(stage.sales_krw) AS sales_krw,
    to_count(stage.sales_count) AS sales_count,
    known_on(stage.available_at, quarter_end(to_quarter(stage.quarter))) AS available_on
FROM scratch.stage
LEFT JOIN scratch.industry_of ON industry_of.code = to_text(stage.industry_code)
