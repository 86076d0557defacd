-- Every checked table, empty: a table without a file is there with no rows.
CREATE OR REPLACE TABLE managers (manager_id VARCHAR, name VARCHAR, branch VARCHAR);
CREATE OR REPLACE TABLE businesses (
    business_id VARCHAR, name VARCHAR, registration_no VARCHAR, industry_code VARCHAR, category VARCHAR, family VARCHAR,
    district_code VARCHAR, region VARCHAR, trade_area_code VARCHAR, lat DOUBLE, lon DOUBLE, opened_on DATE,
    customer_since DATE,
    manager_id VARCHAR,
    employees INTEGER,
    owner_birth_year INTEGER,
    status VARCHAR,
    status_on DATE,
    available_on DATE
);
CREATE OR REPLACE TABLE revenue (
    business_id VARCHAR, month DATE, revenue_krw BIGINT, sales_count BIGINT, available_on DATE
);
CREATE OR REPLACE TABLE balances (
    business_id VARCHAR, month DATE, deposit_avg_krw BIGINT, inflow_krw BIGINT, outflow_krw BIGINT,
    card_settlement_krw BIGINT, overdraft_limit_krw BIGINT, overdraft_used_krw BIGINT, autopay_count INTEGER,
    logins INTEGER, available_on DATE
);
CREATE OR REPLACE TABLE loans (
    loan_id VARCHAR, business_id VARCHAR, product_id VARCHAR, principal_krw BIGINT, annual_rate DOUBLE, opened_on DATE,
    matures_on DATE, repayment VARCHAR, closed_on DATE, available_on DATE
);
CREATE OR REPLACE TABLE repayments (
    loan_id VARCHAR, month DATE, due_krw BIGINT, paid_krw BIGINT, days_past_due INTEGER, available_on DATE
);
CREATE OR REPLACE TABLE holdings (
    holding_id VARCHAR, business_id VARCHAR, product_id VARCHAR, opened_on DATE, ends_on DATE, closed_on DATE,
    available_on DATE
);
CREATE OR REPLACE TABLE contacts (
    contact_id VARCHAR, business_id VARCHAR, "at" TIMESTAMP, channel VARCHAR, topic VARCHAR, complaint INTEGER,
    available_on DATE
);
CREATE OR REPLACE TABLE interactions (
    business_id VARCHAR, product_id VARCHAR, "at" TIMESTAMP, action VARCHAR, available_on DATE
);
CREATE OR REPLACE TABLE suitability (
    business_id VARCHAR, kind VARCHAR, recorded_on DATE, expires_on DATE, available_on DATE
);
CREATE OR REPLACE TABLE payments (
    payment_id VARCHAR,
    customer_id VARCHAR,
    business_id VARCHAR,
    "at" TIMESTAMP,
    amount_krw BIGINT,
    merchant_id VARCHAR,
    merchant_category VARCHAR, method VARCHAR, succeeded INTEGER, fraud INTEGER, available_on DATE
);
CREATE OR REPLACE TABLE market_areas (
    area_code VARCHAR, generation VARCHAR, area_type VARCHAR, name VARCHAR, district_code VARCHAR, dong_code VARCHAR,
    x5181 DOUBLE, y5181 DOUBLE, area_m2 DOUBLE
);
CREATE OR REPLACE TABLE market_sales (
    area_code VARCHAR, generation VARCHAR, industry_code VARCHAR, category VARCHAR, family VARCHAR, quarter INTEGER,
    sales_krw BIGINT, sales_count BIGINT,
    weekday_krw BIGINT, weekend_krw BIGINT,
    mon_krw BIGINT, tue_krw BIGINT, wed_krw BIGINT, thu_krw BIGINT, fri_krw BIGINT, sat_krw BIGINT, sun_krw BIGINT,
    h00_06_krw BIGINT, h06_11_krw BIGINT, h11_14_krw BIGINT, h14_17_krw BIGINT, h17_21_krw BIGINT, h21_24_krw BIGINT,
    male_krw BIGINT, female_krw BIGINT,
    age_10_krw BIGINT, age_20_krw BIGINT, age_30_krw BIGINT, age_40_krw BIGINT, age_50_krw BIGINT, age_60_krw BIGINT,
    weekday_count BIGINT, weekend_count BIGINT,
    mon_count BIGINT, tue_count BIGINT, wed_count BIGINT, thu_count BIGINT, fri_count BIGINT, sat_count BIGINT,
    sun_count BIGINT,
    h00_06_count BIGINT, h06_11_count BIGINT, h11_14_count BIGINT, h14_17_count BIGINT, h17_21_count BIGINT,
    h21_24_count BIGINT,
    male_count BIGINT, female_count BIGINT,
    age_10_count BIGINT, age_20_count BIGINT, age_30_count BIGINT, age_40_count BIGINT, age_50_count BIGINT,
    age_60_count BIGINT,
    available_on DATE
);
CREATE OR REPLACE TABLE market_dong_sales (
    dong_code VARCHAR, industry_code VARCHAR, category VARCHAR, quarter INTEGER, sales_krw BIGINT, sales_count BIGINT,
    available_on DATE
);
CREATE OR REPLACE TABLE market_stores (
    area_code VARCHAR, generation VARCHAR, industry_code VARCHAR, quarter INTEGER, stores INTEGER,
    similar_stores INTEGER, opened INTEGER, closed INTEGER, franchise INTEGER, available_on DATE
);
CREATE OR REPLACE TABLE market_footfall (
    area_code VARCHAR, generation VARCHAR, quarter INTEGER, people BIGINT, available_on DATE
);
CREATE OR REPLACE TABLE market_change (
    area_code VARCHAR, generation VARCHAR, quarter INTEGER, indicator VARCHAR, open_months_avg DOUBLE,
    closed_months_avg DOUBLE, available_on DATE
);
CREATE OR REPLACE TABLE quarantine (
    source_table VARCHAR, file VARCHAR, line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR, action VARCHAR,
    code VARCHAR
);
CREATE OR REPLACE TABLE source_files (
    source_table VARCHAR, file VARCHAR, encoding VARCHAR, rows_read BIGINT, rows_loaded BIGINT, rows_quarantined BIGINT,
    first_period VARCHAR, last_period VARCHAR, bytes BIGINT, sha256 VARCHAR, is_demo BOOLEAN
);
CREATE OR REPLACE TABLE absent_tables (source_table VARCHAR);
