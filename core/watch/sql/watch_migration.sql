-- Customers by tier at a month end and their place one, three and twelve months later; the shares of a row add up to 1.
-- Each horizon is counted directly: the matrix of one month raised to the power of twelve is not that of a year.
WITH horizons AS (
    SELECT unnest([1, 3, 12]) AS months
), moved AS (
    SELECT
        horizons.months,
        now.as_of AS from_as_of,
        later.as_of AS to_as_of,
        now.tier AS from_tier,
        later.place AS to_place,
        count(*) AS businesses
    FROM watch_states AS now
    CROSS JOIN horizons
    JOIN watch_states AS later
        ON
            later.business_id = now.business_id
            AND later.as_of = last_day(date_trunc('month', now.as_of) + to_months(CAST(horizons.months AS INTEGER)))
    WHERE now.place IN ('1', '2', '3', '4', '5')
    GROUP BY ALL
)
SELECT
    *,
    businesses / sum(businesses) OVER (PARTITION BY months, from_as_of, from_tier) AS share
FROM moved
ORDER BY months, from_as_of, from_tier, to_place
