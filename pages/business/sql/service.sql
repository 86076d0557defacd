-- One row: the service that the tier asks for, how many products the rules leave open, how many are recommended.
SELECT
    service,
    nothing_needed,
    recommended,
    allowed,
    cold
FROM advice_services
WHERE business_id = $business_id AND manager_id IN $manager_ids
