-- How lately we spoke, and how lately the customer complained, up to $as_of (two years back).
-- A bank that sent no contacts at all gets NULL; a customer never met is as far away as the two years.
WITH spoken AS (
    SELECT
        business_id,
        max(c.at) AS newest_at,
        count(*) FILTER (WHERE complaint = 1 AND c.at > CAST($as_of AS DATE) - INTERVAL 6 MONTH) AS complaints
    FROM contacts AS c
    WHERE
        c.at < CAST($as_of AS DATE) + INTERVAL 1 DAY
        AND is_known(available_on, $as_of)
        AND c.at > CAST($as_of AS DATE) - INTERVAL 24 MONTH
    GROUP BY business_id
), known AS (
    SELECT count(*) > 0 AS contacts_known FROM spoken
)
SELECT
    p.business_id,
    CASE WHEN k.contacts_known THEN coalesce(
        (year(CAST($as_of AS DATE)) - year(s.newest_at)) * 12 + month(CAST($as_of AS DATE)) - month(s.newest_at), 24
    ) END AS months_since_contact,
    CASE WHEN k.contacts_known THEN coalesce(s.complaints, 0) END AS complaints_6m
FROM feature_population AS p
CROSS JOIN known AS k
LEFT JOIN spoken AS s ON s.business_id = p.business_id
