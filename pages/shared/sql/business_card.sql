-- One row: all that the head of the page and its words need; none when the business is in no book of $manager_ids.
SELECT *
FROM business_cards
WHERE business_id = $business_id AND manager_id IN $manager_ids
