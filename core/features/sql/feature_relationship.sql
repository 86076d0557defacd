-- Products, contacts and complaints of each business up to $as_of. Without any row of holdings, or of contacts, in the
-- whole bank the features are NULL: unknown is not none. Reads feature_population, holdings, contacts.
WITH open_holdings AS (
    SELECT business_id, count(*) AS products
    FROM holdings
    WHERE
        opened_on <= CAST($as_of AS DATE)
        AND is_known(available_on, $as_of)
        AND (closed_on IS NULL OR closed_on > CAST($as_of AS DATE))
        AND (ends_on IS NULL OR ends_on > CAST($as_of AS DATE))
    GROUP BY business_id
), recent_contacts AS (
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
), reported AS (
    SELECT
        (SELECT count(*) FROM open_holdings) > 0 AS has_holdings,
        (SELECT count(*) FROM recent_contacts) > 0 AS has_contacts
)
SELECT
    p.business_id,
    p.tenure_months,
    p.business_age_months,
    CASE WHEN k.has_holdings THEN coalesce(h.products, 0) END AS products_held,
    CASE WHEN k.has_contacts THEN coalesce(s.contacts, 0) END AS contacts_6m,
    CASE WHEN k.has_contacts THEN coalesce(s.complaints, 0) END AS complaints_12m
FROM feature_population AS p
CROSS JOIN reported AS k
LEFT JOIN open_holdings AS h ON h.business_id = p.business_id
LEFT JOIN recent_contacts AS s ON s.business_id = p.business_id
