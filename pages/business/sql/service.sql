-- One row: the service for the tier and the number of products that the rules allow.
SELECT
    service,
    allowed,
    cold
FROM advice_services
WHERE business_id = $business_id AND manager_id IN $manager_ids
