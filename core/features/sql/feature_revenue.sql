-- Features of the sales up to $as_of, one row per business with a known month: change, slope, volatility, size, months
-- without sales, unknown months. Reads feature_population, revenue.
WITH observed AS (
    SELECT
        p.business_id,
        p.tenure_months,
        p.business_age_months,
        CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) ELSE 0.0 END AS revenue_krw,
        (year(CAST($as_of AS DATE)) - year(r.month)) * 12 + month(CAST($as_of AS DATE)) - month(r.month) AS age
    FROM feature_population AS p
    JOIN revenue AS r ON r.business_id = p.business_id
    WHERE
        r.month <= CAST($as_of AS DATE)
        AND is_known(r.available_on, $as_of)
        AND r.month > CAST(CAST($as_of AS DATE) - INTERVAL 15 MONTH AS DATE)
        AND r.revenue_krw IS NOT NULL
), sums AS (
    SELECT
        business_id,
        -- Months that can have sales: a business of five months does not lack seven.
        least(12, greatest(least(min(tenure_months), min(business_age_months)), 0) + 1) AS possible_months,
        count(*) FILTER (WHERE age < 12) AS months_12,
        count(*) FILTER (WHERE age < 3) AS months_now,
        count(*) FILTER (WHERE age BETWEEN 3 AND 11) AS months_before,
        count(*) FILTER (WHERE age BETWEEN 12 AND 14) AS months_year_ago,
        avg(revenue_krw) FILTER (WHERE age < 3) AS mean_now,
        avg(revenue_krw) FILTER (WHERE age BETWEEN 3 AND 11) AS mean_before,
        avg(revenue_krw) FILTER (WHERE age BETWEEN 12 AND 14) AS mean_year_ago,
        avg(revenue_krw) FILTER (WHERE age < 12) AS mean_12,
        sum(revenue_krw) FILTER (WHERE age < 6) AS sum_6,
        stddev_samp(revenue_krw) FILTER (WHERE age < 12) AS spread_12,
        regr_slope(revenue_krw, CAST(-age AS DOUBLE)) FILTER (WHERE age < 12) AS slope_12,
        count(*) FILTER (WHERE age < 12 AND revenue_krw <= 0) AS zero_12
    FROM observed
    GROUP BY business_id
)
SELECT
    business_id,
    -- Plus 10,000 won: the logarithm stays finite without sales. No amount is clipped by greatest or least, here or in
    -- the other feature_ files: both skip NULL, so an unknown amount would become the limit.
    CASE
        WHEN months_now >= 2 AND months_year_ago >= 2
            THEN
                ln((mean_now + 10000.0) / (mean_year_ago + 10000.0))
    END AS revenue_change_yoy,
    CASE
        WHEN months_now >= 2 AND months_before >= 3
            THEN
                ln((mean_now + 10000.0) / (mean_before + 10000.0))
    END AS revenue_recent_change,
    CASE WHEN months_12 >= 6 THEN 12.0 * slope_12 / nullif(mean_12, 0.0) END AS revenue_slope_12m,
    CASE WHEN months_12 >= 6 THEN spread_12 / nullif(mean_12, 0.0) END AS revenue_volatility_12m,
    zero_12 AS zero_months_12m,
    greatest(possible_months - months_12, 0) AS missing_months_12m,
    ln(mean_12 + 10000.0) AS revenue_size,
    12.0 * mean_12 AS revenue_year_krw,
    CASE WHEN months_now >= 2 THEN sum_6 END AS revenue_6m_krw
FROM sums
