-- One row per loan and month.
SELECT
    rowid AS row_no,
    to_text(loan_id) AS loan_id,
    to_month(month) AS month,
    to_won(due_krw) AS due_krw,
    to_won(paid_krw) AS paid_krw,
    CAST(to_count(days_past_due) AS INTEGER) AS days_past_due,
    known_on(available_at, last_day(to_month(month))) AS available_on
FROM scratch.staged_rows
