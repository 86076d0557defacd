-- One row: all that a report says of one business but its reasons; none when it is not in the book of $manager_id.
SELECT * EXCLUDE (sparkline)
FROM business_cards
WHERE business_id = $business_id AND manager_id = $manager_id
LIMIT 1
