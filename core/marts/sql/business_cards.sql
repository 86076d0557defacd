-- One row per business: all that a page, the report or a list says of it in its head. A view, so that a new column of
-- business_scores or business_context is on every card without another list of columns.
SELECT
    scores.*,
    context.* EXCLUDE (business_id)
FROM business_scores AS scores
JOIN business_context AS context ON context.business_id = scores.business_id
