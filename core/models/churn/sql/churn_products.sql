-- Contracts around $as_of: what ran out or was given up in the last year, and what ends within ninety days.
-- A bank that sent no holdings gets NULL: unknown is not none. What is closed later is not known yet and not used.
WITH held AS (
    SELECT
        h.business_id,
        h.opened_on,
        h.ends_on,
        CASE WHEN h.closed_on <= CAST($as_of AS DATE) THEN h.closed_on END AS left_on,
        l.product_id IS NOT NULL AS is_loan
    FROM holdings AS h
    LEFT JOIN (SELECT DISTINCT product_id FROM loans) AS l ON l.product_id = h.product_id
    WHERE
        h.opened_on <= CAST($as_of AS DATE)
        AND is_known(h.available_on, $as_of)
), counted AS (
    SELECT
        business_id,
        count(*) FILTER (WHERE left_on > CAST($as_of AS DATE) - INTERVAL 12 MONTH AND NOT is_loan) AS given_up,
        count(*) FILTER (
            WHERE left_on IS NULL AND NOT is_loan AND ends_on > CAST($as_of AS DATE)
            AND ends_on <= CAST($as_of AS DATE) + INTERVAL 90 DAY
        ) AS ending,
        count(*) FILTER (
            WHERE left_on IS NULL AND is_loan AND ends_on > CAST($as_of AS DATE)
            AND ends_on <= CAST($as_of AS DATE) + INTERVAL 90 DAY
        ) AS loans_ending,
        max(opened_on) AS newest_on
    FROM held
    GROUP BY business_id
), known AS (
    SELECT count(*) > 0 AS holdings_known FROM held
)
SELECT
    p.business_id,
    CASE WHEN k.holdings_known THEN coalesce(c.given_up, 0) END AS products_given_up_12m,
    CASE WHEN k.holdings_known THEN coalesce(c.ending, 0) END AS products_ending_90d,
    CASE WHEN k.holdings_known THEN coalesce(c.loans_ending, 0) END AS loans_ending_90d,
    (year(CAST($as_of AS DATE)) - year(c.newest_on)) * 12
    + month(CAST($as_of AS DATE)) - month(c.newest_on) AS months_since_new_product
FROM feature_population AS p
CROSS JOIN known AS k
LEFT JOIN counted AS c ON c.business_id = p.business_id
