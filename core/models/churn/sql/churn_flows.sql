-- Customers of each manager by month: active_end = active_start + new + reactivated - churned - closed, exactly.
-- The last three months are provisional: leaving takes up to three further months to be certain.
-- The first year has no "usual" to compare with, so it has no row.
SELECT
    v.month,
    b.manager_id,
    count(*) FILTER (WHERE v.was_active) AS active_start,
    count(*) FILTER (WHERE v.move = 'new') AS new,
    count(*) FILTER (WHERE v.move = 'reactivated') AS reactivated,
    count(*) FILTER (WHERE v.move = 'churned') AS churned,
    count(*) FILTER (WHERE v.move = 'closed') AS closed,
    count(*) FILTER (WHERE v.is_active) AS active_end,
    v.month > CAST($covered AS DATE) - INTERVAL 3 MONTH AS provisional
FROM churn_moves AS v
JOIN businesses AS b ON b.business_id = v.business_id
WHERE v.month > (SELECT min(month) FROM churn_moves) + INTERVAL 11 MONTH
GROUP BY v.month, b.manager_id
ORDER BY v.month, b.manager_id
