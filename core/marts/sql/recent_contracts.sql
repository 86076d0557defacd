-- One row per contract that is open at $as_of or ended within the year before it; loans are in open_loans.
SELECT
    holdings.business_id,
    holdings.holding_id,
    holdings.product_id,
    holdings.opened_on,
    holdings.ends_on,
    CASE WHEN holdings.closed_on <= $as_of THEN holdings.closed_on END AS closed_on,
    date_diff('day', CAST($as_of AS DATE), holdings.ends_on) AS days_left
FROM holdings
ANTI JOIN loans
    ON
        loans.business_id = holdings.business_id
        AND loans.product_id = holdings.product_id
        AND loans.opened_on = holdings.opened_on
WHERE
    holdings.opened_on <= $as_of
    AND is_known(holdings.available_on, $as_of)
    AND coalesce(holdings.closed_on, DATE '9999-12-31') > CAST($as_of AS DATE) - INTERVAL 1 YEAR
ORDER BY holdings.business_id, holdings.ends_on, holdings.opened_on, holdings.holding_id
