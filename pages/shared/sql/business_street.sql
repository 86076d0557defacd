-- One row: the mart business_street of one business of the own book.
SELECT street.*
FROM business_street AS street
JOIN business_scores AS scores ON scores.business_id = street.business_id
WHERE
    street.business_id = $business_id
    AND scores.business_id = $business_id
    AND scores.manager_id IN $manager_ids
