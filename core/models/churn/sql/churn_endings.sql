-- Days on which a business gave up its last product. Loans do not count: a loan that matures or is repaid is the end of
-- a debt, not of a relation. A product that merely reached its end is no decision either, so an explicit closing is
-- asked.
WITH held AS (
    SELECT
        business_id, opened_on, closed_on, coalesce(least(closed_on, ends_on), closed_on, ends_on) AS ended_on, ends_on
    FROM holdings
    WHERE product_id NOT IN (SELECT product_id FROM loans WHERE product_id IS NOT NULL)
)
SELECT DISTINCT
    h.business_id,
    h.closed_on AS ended_on
FROM held AS h
WHERE
    h.closed_on IS NOT NULL
    AND (h.ends_on IS NULL OR h.closed_on < h.ends_on)
    AND NOT EXISTS (
        SELECT 1
        FROM held AS o
        WHERE
            o.business_id = h.business_id
            AND o.opened_on <= h.closed_on
            AND (o.ended_on IS NULL OR o.ended_on > h.closed_on)
    )
