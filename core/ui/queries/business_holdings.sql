-- One row per contract that is open at the as-of or ended within the year before it; loans have their own list.
WITH chosen AS (
    SELECT
        business_id,
        as_of
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
)
SELECT
    holdings.holding_id,
    holdings.product_id,
    holdings.opened_on,
    holdings.ends_on,
    CASE WHEN holdings.closed_on <= chosen.as_of THEN holdings.closed_on END AS closed_on,
    date_diff('day', chosen.as_of, holdings.ends_on) AS days_left
FROM holdings
JOIN chosen USING (business_id)
WHERE
    holdings.business_id = $business_id
    AND holdings.opened_on <= chosen.as_of
    AND NOT EXISTS (
        SELECT 1
        FROM loans
        WHERE
            loans.business_id = $business_id
            AND loans.product_id = holdings.product_id
            AND loans.opened_on = holdings.opened_on
    )
    AND coalesce(holdings.closed_on, DATE '9999-12-31') > chosen.as_of - INTERVAL 1 YEAR
ORDER BY closed_on IS NOT NULL, holdings.ends_on NULLS LAST, holdings.opened_on, holdings.holding_id
