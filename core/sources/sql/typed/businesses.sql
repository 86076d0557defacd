-- One row per business: its industry, district and region resolved (scratch.industry_of, scratch.district_of).
SELECT
    stage.rowid AS row_no,
    to_text(stage.business_id) AS business_id,
    to_text(stage.name) AS name,
    to_registration(stage.registration_no) AS registration_no,
    industry_of.industry_code,
    industry_of.category,
    industry_of.family,
    district_of.district_code,
    districts.region,
    district_of.trade_area_code,
    district_of.lat,
    district_of.lon,
    to_day(stage.opened_on) AS opened_on,
    to_day(stage.customer_since) AS customer_since,
    to_text(stage.manager_id) AS manager_id,
    CAST(to_count(stage.employees) AS INTEGER) AS employees,
    to_year(stage.owner_birth_year) AS owner_birth_year,
    to_word(stage.status) AS status,
    to_day(stage.status_on) AS status_on,
    known_on(stage.available_at, to_day(stage.customer_since)) AS available_on
FROM scratch.stage
LEFT JOIN scratch.industry_of ON industry_of.code = to_text(stage.industry_code)
LEFT JOIN scratch.district_of ON district_of.row_no = stage.rowid
LEFT JOIN districts ON districts.district_code = district_of.district_code
