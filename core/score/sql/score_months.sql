-- One row per business known at $as_of: sales of the last 24 complete months (r_00 newest, NULL unknown), ln of the
-- seasonal index of the last twelve (si_00 newest), status and arrears, all from what was known on that day.
-- Reads businesses, revenue, loans, repayments, season_index.
WITH customers AS (
    SELECT
        business_id,
        category,
        coalesce(region, '') AS region,
        CASE WHEN status_on IS NULL OR status_on <= CAST($as_of AS DATE) THEN coalesce(status, 'open') ELSE 'open' END
            AS status
    FROM businesses
    WHERE
        (customer_since IS NULL OR customer_since <= CAST($as_of AS DATE))
        AND (available_on IS NULL OR is_known(available_on, $as_of))
), observed AS (
    SELECT
        business_id,
        CAST(revenue_krw AS DOUBLE) AS revenue_krw,
        (year(CAST($as_of AS DATE)) - year(month)) * 12 + month(CAST($as_of AS DATE)) - month(month) AS age
    FROM revenue
    WHERE
        month <= CAST($as_of AS DATE)
        AND month > CAST($as_of AS DATE) - INTERVAL 24 MONTH
        AND is_known(available_on, $as_of)
), sales AS (
    SELECT
        business_id,
        max(revenue_krw) FILTER (WHERE age = 0) AS r_00,
        max(revenue_krw) FILTER (WHERE age = 1) AS r_01,
        max(revenue_krw) FILTER (WHERE age = 2) AS r_02,
        max(revenue_krw) FILTER (WHERE age = 3) AS r_03,
        max(revenue_krw) FILTER (WHERE age = 4) AS r_04,
        max(revenue_krw) FILTER (WHERE age = 5) AS r_05,
        max(revenue_krw) FILTER (WHERE age = 6) AS r_06,
        max(revenue_krw) FILTER (WHERE age = 7) AS r_07,
        max(revenue_krw) FILTER (WHERE age = 8) AS r_08,
        max(revenue_krw) FILTER (WHERE age = 9) AS r_09,
        max(revenue_krw) FILTER (WHERE age = 10) AS r_10,
        max(revenue_krw) FILTER (WHERE age = 11) AS r_11,
        max(revenue_krw) FILTER (WHERE age = 12) AS r_12,
        max(revenue_krw) FILTER (WHERE age = 13) AS r_13,
        max(revenue_krw) FILTER (WHERE age = 14) AS r_14,
        max(revenue_krw) FILTER (WHERE age = 15) AS r_15,
        max(revenue_krw) FILTER (WHERE age = 16) AS r_16,
        max(revenue_krw) FILTER (WHERE age = 17) AS r_17,
        max(revenue_krw) FILTER (WHERE age = 18) AS r_18,
        max(revenue_krw) FILTER (WHERE age = 19) AS r_19,
        max(revenue_krw) FILTER (WHERE age = 20) AS r_20,
        max(revenue_krw) FILTER (WHERE age = 21) AS r_21,
        max(revenue_krw) FILTER (WHERE age = 22) AS r_22,
        max(revenue_krw) FILTER (WHERE age = 23) AS r_23
    FROM observed
    GROUP BY business_id
), arrears AS (
    SELECT
        loans.business_id,
        max(repayments.days_past_due) AS days_past_due
    FROM repayments
    JOIN loans ON loans.loan_id = repayments.loan_id
    WHERE
        repayments.month <= CAST($as_of AS DATE)
        AND repayments.month > CAST($as_of AS DATE) - INTERVAL 1 MONTH
        AND is_known(repayments.available_on, $as_of)
    GROUP BY loans.business_id
), cells AS (
    SELECT DISTINCT
        category,
        region
    FROM customers
), year_of_index AS (
    SELECT
        category,
        region,
        ln_si,
        (year(CAST($as_of AS DATE)) - year(month)) * 12 + month(CAST($as_of AS DATE)) - month(month) AS age
    FROM season_index
    WHERE month <= CAST($as_of AS DATE) AND month > CAST($as_of AS DATE) - INTERVAL 12 MONTH
), cell_index AS (
    -- A cell that the index lacks takes the index of its category (region '').
    SELECT
        cells.category,
        cells.region,
        whole.age,
        coalesce(own.ln_si, whole.ln_si) AS ln_si
    FROM cells
    JOIN year_of_index AS whole ON whole.category = cells.category AND whole.region = ''
    LEFT JOIN year_of_index AS own
        ON own.category = cells.category AND own.region = cells.region AND own.age = whole.age
), season AS (
    SELECT
        category,
        region,
        max(ln_si) FILTER (WHERE age = 0) AS si_00,
        max(ln_si) FILTER (WHERE age = 1) AS si_01,
        max(ln_si) FILTER (WHERE age = 2) AS si_02,
        max(ln_si) FILTER (WHERE age = 3) AS si_03,
        max(ln_si) FILTER (WHERE age = 4) AS si_04,
        max(ln_si) FILTER (WHERE age = 5) AS si_05,
        max(ln_si) FILTER (WHERE age = 6) AS si_06,
        max(ln_si) FILTER (WHERE age = 7) AS si_07,
        max(ln_si) FILTER (WHERE age = 8) AS si_08,
        max(ln_si) FILTER (WHERE age = 9) AS si_09,
        max(ln_si) FILTER (WHERE age = 10) AS si_10,
        max(ln_si) FILTER (WHERE age = 11) AS si_11
    FROM cell_index
    GROUP BY category, region
)
SELECT
    customers.business_id,
    CAST($as_of AS DATE) AS as_of,
    customers.category,
    customers.region,
    customers.status,
    CAST(arrears.days_past_due AS INTEGER) AS days_past_due,
    r_00, r_01, r_02, r_03, r_04, r_05, r_06, r_07, r_08, r_09, r_10, r_11,
    r_12, r_13, r_14, r_15, r_16, r_17, r_18, r_19, r_20, r_21, r_22, r_23,
    si_00, si_01, si_02, si_03, si_04, si_05, si_06, si_07, si_08, si_09, si_10, si_11
FROM customers
LEFT JOIN sales ON sales.business_id = customers.business_id
LEFT JOIN arrears ON arrears.business_id = customers.business_id
LEFT JOIN season ON season.category = customers.category AND season.region = customers.region
