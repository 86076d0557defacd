-- What each business holds with us and how often we spoke, up to $as_of.
-- A bank that sent no holdings or contacts at all gets NULL: unknown is not none.
WITH held AS (
    SELECT business_id, count(*) AS products
    FROM holdings
    WHERE
        opened_on <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND (closed_on IS NULL OR closed_on > CAST($as_of AS DATE))
        AND (ends_on IS NULL OR ends_on > CAST($as_of AS DATE))
    GROUP BY business_id
), spoken AS (
    SELECT
        business_id,
        count(*) FILTER (WHERE c.at > CAST($as_of AS DATE) - INTERVAL 6 MONTH) AS contacts,
        count(*) FILTER (WHERE complaint = 1) AS complaints
    FROM contacts AS c
    WHERE
        c.at < CAST($as_of AS DATE) + INTERVAL 1 DAY
        AND is_known(available_on, $as_of)
        AND c.at > CAST($as_of AS DATE) - INTERVAL 12 MONTH
    GROUP BY business_id
), known AS (
    SELECT
        (SELECT count(*) FROM held) > 0 AS holdings_known,
        (SELECT count(*) FROM spoken) > 0 AS contacts_known
)
SELECT
    p.business_id,
    p.tenure_months,
    p.business_age_months,
    CASE WHEN k.holdings_known THEN coalesce(h.products, 0) END AS products_held,
    CASE WHEN k.contacts_known THEN coalesce(s.contacts, 0) END AS contacts_6m,
    CASE WHEN k.contacts_known THEN coalesce(s.complaints, 0) END AS complaints_12m
FROM feature_population AS p
CROSS JOIN known AS k
LEFT JOIN held AS h ON h.business_id = p.business_id
LEFT JOIN spoken AS s ON s.business_id = p.business_id
