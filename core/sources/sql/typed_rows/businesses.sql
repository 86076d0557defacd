-- One row per business, with its industry, district and region (scratch.industry_codes, scratch.business_locations).
SELECT
    staged_rows.rowid AS row_no,
    to_text(staged_rows.business_id) AS business_id,
    to_text(staged_rows.name) AS name,
    to_registration(staged_rows.registration_no) AS registration_no,
    industry_codes.industry_code,
    industry_codes.category,
    industry_codes.family,
    business_locations.district_code,
    districts.region,
    business_locations.trade_area_code,
    business_locations.lat,
    business_locations.lon,
    to_day(staged_rows.opened_on) AS opened_on,
    to_day(staged_rows.customer_since) AS customer_since,
    to_text(staged_rows.manager_id) AS manager_id,
    CAST(to_count(staged_rows.employees) AS INTEGER) AS employees,
    to_year(staged_rows.owner_birth_year) AS owner_birth_year,
    to_choice(staged_rows.status) AS status,
    to_day(staged_rows.status_on) AS status_on,
    known_on(staged_rows.available_at, to_day(staged_rows.customer_since)) AS available_on
FROM scratch.staged_rows
LEFT JOIN scratch.industry_codes ON industry_codes.code = to_text(staged_rows.industry_code)
LEFT JOIN scratch.business_locations ON business_locations.row_no = staged_rows.rowid
LEFT JOIN districts ON districts.district_code = business_locations.district_code
