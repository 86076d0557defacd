-- The newest eight contacts that were known at the as-of date.
WITH chosen AS (
    SELECT
        business_id,
        as_of
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
)
SELECT
    contacts."at",
    contacts.channel,
    contacts.topic,
    contacts.complaint
FROM contacts
JOIN chosen USING (business_id)
WHERE
    contacts.business_id = $business_id
    AND is_known(contacts.available_on, chosen.as_of)
    AND CAST(contacts."at" AS DATE) <= chosen.as_of
ORDER BY contacts."at" DESC, contacts.contact_id
LIMIT 8
