-- Active customers of these managers in the newest 24 months: at the start, new, back, gone, closed, at the end.
SELECT
    month,
    sum(active_start) AS active_start,
    sum("new") AS new,
    sum(reactivated) AS reactivated,
    sum(churned) AS churned,
    sum(closed) AS closed,
    sum(active_end) AS active_end,
    1 - (sum(churned) + sum(closed)) / nullif(sum(active_start), 0) AS retention,
    bool_or(provisional) AS provisional
FROM churn_flows
WHERE manager_id IN $manager_ids AND month > (SELECT max(month) FROM churn_flows) - INTERVAL 24 MONTH
GROUP BY month
ORDER BY month
