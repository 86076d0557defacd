-- Features of the account up to $as_of, one row per business with a reported month: coverage of the money out, deposit,
-- overdraft, card sales, automatic payments and logins. An overdrawn account counts as a deposit of 0.
-- Reads feature_population, balances.
WITH observed AS (
    SELECT
        p.business_id,
        CASE WHEN b.deposit_avg_krw < 0 THEN 0.0 ELSE CAST(b.deposit_avg_krw AS DOUBLE) END AS deposit_krw,
        CAST(b.inflow_krw AS DOUBLE) AS inflow_krw,
        CAST(b.outflow_krw AS DOUBLE) AS outflow_krw,
        CAST(b.card_settlement_krw AS DOUBLE) AS card_krw,
        CAST(b.overdraft_used_krw AS DOUBLE) AS used_krw,
        CAST(b.overdraft_used_krw AS DOUBLE) / nullif(CAST(b.overdraft_limit_krw AS DOUBLE), 0.0) AS utilisation,
        CAST(b.autopay_count AS DOUBLE) AS autopay_count,
        CAST(b.logins AS DOUBLE) AS logins,
        (year(CAST($as_of AS DATE)) - year(b.month)) * 12 + month(CAST($as_of AS DATE)) - month(b.month) AS age
    FROM feature_population AS p
    JOIN balances AS b ON b.business_id = p.business_id
    WHERE
        b.month <= CAST($as_of AS DATE)
        AND is_known(b.available_on, $as_of)
        AND b.month > CAST(CAST($as_of AS DATE) - INTERVAL 12 MONTH AS DATE)
), sums AS (
    SELECT
        business_id,
        sum(inflow_krw) FILTER (WHERE age < 6) AS inflow_6,
        sum(outflow_krw) FILTER (WHERE age < 6) AS outflow_6,
        avg(inflow_krw) FILTER (WHERE age < 3) AS inflow_3,
        avg(outflow_krw) FILTER (WHERE age < 3) AS outflow_3,
        avg(deposit_krw) FILTER (WHERE age < 3) AS deposit_now,
        avg(deposit_krw) FILTER (WHERE age >= 3) AS deposit_before,
        sum(card_krw) FILTER (WHERE age < 6) AS card_6,
        coalesce(max(used_krw) FILTER (WHERE age = 0), max(used_krw) FILTER (WHERE age = 1)) AS used_now,
        coalesce(max(utilisation) FILTER (WHERE age = 0), max(utilisation) FILTER (WHERE age = 1)) AS utilisation_now,
        max(utilisation) FILTER (WHERE age < 3) AS utilisation_max,
        avg(autopay_count) FILTER (WHERE age < 3) AS autopay_now,
        avg(autopay_count) FILTER (WHERE age >= 3) AS autopay_before,
        avg(logins) FILTER (WHERE age < 3) AS logins_now,
        avg(logins) FILTER (WHERE age >= 3) AS logins_before
    FROM observed
    GROUP BY business_id
)
SELECT
    business_id,
    inflow_6 / nullif(outflow_6, 0.0) AS cash_coverage_6m,
    ln((deposit_now + 10000.0) / (deposit_before + 10000.0)) AS deposit_change,
    deposit_now / nullif(outflow_3, 0.0) AS deposit_months_covered,
    utilisation_now AS overdraft_use_now,
    utilisation_max AS overdraft_use_max_3m,
    autopay_now - autopay_before AS autopay_change,
    ln((logins_now + 1.0) / (logins_before + 1.0)) AS logins_change,
    card_6 AS card_6m_krw,
    used_now AS overdraft_used_krw,
    inflow_3 AS inflow_month_krw
FROM sums
