-- The place of each customer at each month end of the scored history: the tier, or why there is none.
-- Order: closed, then 90 days past due, then gone to another bank, then the tier.
WITH due AS (
    SELECT
        loans.business_id,
        last_day(repayments.month) AS as_of,
        max(repayments.days_past_due) AS days_past_due
    FROM repayments
    JOIN loans USING (loan_id)
    WHERE repayments.days_past_due >= 5 AND coalesce(loans.closed_on, DATE '9999-12-31') > last_day(repayments.month)
    GROUP BY ALL
), away AS (
    SELECT
        history.business_id,
        history.as_of
    FROM opportunity_history AS history
    JOIN watch_spells AS spells
        ON
            spells.business_id = history.business_id
            AND spells.month <= history.as_of
            AND (spells.back_month IS NULL OR spells.back_month > history.as_of)
    GROUP BY ALL
)
SELECT
    history.business_id,
    history.as_of,
    history.tier,
    history.score,
    history.state,
    coalesce(due.days_past_due, 0) AS days_past_due,
    CASE
        WHEN history.state = 'CLOSED' THEN 'CLOSED'
        WHEN due.days_past_due >= $bad_dpd THEN 'DEFAULT'
        WHEN away.business_id IS NOT NULL THEN 'EXITED'
        WHEN history.tier IS NULL THEN 'INSUFFICIENT'
        ELSE CAST(history.tier AS VARCHAR)
    END AS place
FROM opportunity_history AS history
LEFT JOIN due ON due.business_id = history.business_id AND due.as_of = history.as_of
LEFT JOIN away ON away.business_id = history.business_id AND away.as_of = history.as_of
