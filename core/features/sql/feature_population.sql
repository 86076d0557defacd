-- Customers that the bank knew at $as_of. Their state says whether the default model scores them (OK) or why not.
-- Point in time: a business that closed later is in it. `status` decides the state and is never a feature.
-- $last_slice selects the businesses whose hash is below it, the sample of a large bank; 'g' selects all.
-- Reads businesses, revenue, balances, feature_open_loans.
WITH sales AS (
    SELECT business_id, count(*) AS observed_months
    FROM revenue
    WHERE
        month <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
        AND revenue_krw IS NOT NULL
    GROUP BY business_id
), arrears AS (
    SELECT business_id, count(*) AS open_loans, max(days_past_due) AS days_past_due
    FROM feature_open_loans
    GROUP BY business_id
), overdraft AS (
    SELECT business_id, max_by(overdraft_limit_krw, month) AS limit_krw
    FROM balances
    WHERE
        month <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND month > CAST(CAST($as_of AS DATE) - INTERVAL 3 MONTH AS DATE)
        AND overdraft_limit_krw IS NOT NULL
    GROUP BY business_id
), customers AS (
    SELECT
        b.business_id,
        b.category,
        b.region,
        b.industry_code,
        b.trade_area_code,
        (year(CAST($as_of AS DATE)) - year(b.customer_since)) * 12
        + month(CAST($as_of AS DATE)) - month(b.customer_since) AS tenure_months,
        (year(CAST($as_of AS DATE)) - year(b.opened_on)) * 12
        + month(CAST($as_of AS DATE)) - month(b.opened_on) AS business_age_months,
        b.status = 'closed' AND (b.status_on IS NULL OR b.status_on <= CAST($as_of AS DATE)) AS is_closed
    FROM businesses AS b
    WHERE
        b.customer_since <= CAST($as_of AS DATE)
        AND substr(md5(b.business_id), 1, 3) < $last_slice
)
SELECT
    c.business_id,
    CAST($as_of AS DATE) AS as_of,
    c.category,
    c.region,
    c.industry_code,
    c.trade_area_code,
    c.tenure_months,
    c.business_age_months,
    coalesce(s.observed_months, 0) AS observed_months,
    coalesce(o.open_loans, 0) > 0 AS has_loan,
    CASE
        WHEN coalesce(o.open_loans, 0) > 0 OR coalesce(d.limit_krw, 0) > 0
            THEN 'exposed'
        ELSE 'no_exposure'
    END AS pd_basis,
    CASE
        WHEN coalesce(c.is_closed, FALSE) THEN 'CLOSED'
        WHEN coalesce(o.days_past_due, 0) >= $bad_dpd THEN 'DEFAULTED'
        WHEN coalesce(s.observed_months, 0) < $min_months THEN 'INSUFFICIENT'
        ELSE 'OK'
    END AS state
FROM customers AS c
LEFT JOIN sales AS s ON s.business_id = c.business_id
LEFT JOIN arrears AS o ON o.business_id = c.business_id
LEFT JOIN overdraft AS d ON d.business_id = c.business_id
