-- One row per contact.
SELECT
    rowid AS row_no,
    to_text(contact_id) AS contact_id,
    to_text(business_id) AS business_id,
    to_time("at") AS "at",
    to_text(channel) AS channel,
    to_text(topic) AS topic,
    to_flag(complaint) AS complaint,
    known_on(available_at, CAST(to_time("at") AS DATE)) AS available_on
FROM scratch.staged_rows
