-- The 24 months of every business with another newest month: $own_moves says whether its own move of that month
-- happened, $market_moves whether the market's did. Status and arrears belong to the business.
-- Reads ledger_months (newest), ledger_months_before (a month earlier), ledger_moves.
SELECT
    months.* REPLACE (
        CASE
            WHEN $own_moves THEN months.r_00 * exp(CASE WHEN $market_moves THEN 0 ELSE -moves.moved END)
            -- As the month before, moved by the season alone: whoever keeps its season has not moved.
            ELSE months.r_01 * exp(
                coalesce(months.si_00, 0)
                - coalesce(months.si_01, 0)
                + CASE WHEN $market_moves THEN moves.moved ELSE 0 END
            )
        END AS r_00,
        CASE WHEN $own_moves THEN months.status ELSE before.status END AS status,
        CASE WHEN $own_moves THEN months.days_past_due ELSE before.days_past_due END AS days_past_due
    )
FROM ledger_months AS months
JOIN ledger_months_before AS before ON before.business_id = months.business_id
JOIN ledger_moves AS moves
    ON moves.category IS NOT DISTINCT FROM months.category AND moves.region = months.region
