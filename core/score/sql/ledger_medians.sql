-- Medians of the day $market that short histories are shrunk towards, one row per cell, dated $as_of.
-- Reads opportunity_history, ledger_months.
SELECT
    CAST($as_of AS DATE) AS as_of,
    months.category,
    months.region,
    any_value(history.cell_median) AS cell_median
FROM opportunity_history AS history
JOIN ledger_months AS months ON months.business_id = history.business_id
WHERE history.as_of = $market
GROUP BY months.category, months.region
