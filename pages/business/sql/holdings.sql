-- Contracts that are open at the as-of date or ended within the year before it, without loans.
SELECT
    holding_id,
    product_id,
    opened_on,
    ends_on,
    closed_on,
    days_left
FROM recent_contracts
WHERE
    business_id = $business_id
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
ORDER BY closed_on IS NOT NULL, ends_on NULLS LAST, opened_on, holding_id
