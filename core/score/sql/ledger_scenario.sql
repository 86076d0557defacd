-- The 24 months of every business with a hypothetical newest month: with its own move of that month if $own, with the
-- move of the market if $market. Status and arrears belong to the business.
-- Reads ledger_months (newest), ledger_months_before (one month earlier), ledger_moves.
SELECT
    months.* REPLACE (
        CASE
            WHEN $own THEN months.r_00 * exp(CASE WHEN $market THEN 0 ELSE -moves.log_change END)
            -- Without a move of its own: the month before, changed by the season.
            ELSE months.r_01 * exp(
                coalesce(months.si_00, 0)
                - coalesce(months.si_01, 0)
                + CASE WHEN $market THEN moves.log_change ELSE 0 END
            )
        END AS r_00,
        CASE WHEN $own THEN months.status ELSE before.status END AS status,
        CASE WHEN $own THEN months.days_past_due ELSE before.days_past_due END AS days_past_due
    )
FROM ledger_months AS months
JOIN ledger_months_before AS before ON before.business_id = months.business_id
JOIN ledger_moves AS moves
    ON moves.category IS NOT DISTINCT FROM months.category AND moves.region = months.region
