-- One row per signed record of what suits a business.
SELECT
    rowid AS row_no,
    to_text(business_id) AS business_id,
    to_choice(kind) AS kind,
    to_day(recorded_on) AS recorded_on,
    to_later_day(expires_on) AS expires_on,
    known_on(available_at, to_day(recorded_on)) AS available_on
FROM scratch.staged_rows
