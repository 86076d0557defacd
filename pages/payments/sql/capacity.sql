-- What the bank's investigators would have found, had they looked at the first $capacity payments of each day, ranked
-- in three ways; of days with known frauds or known clean payments only. Unlabelled is not clean: it is counted apart.
WITH ranked AS (
    SELECT
        ranking,
        payment_id,
        customer_id,
        amount_krw,
        fraud,
        CAST("at" AS DATE) AS day,
        row_number() OVER (
            PARTITION BY ranking, CAST("at" AS DATE) ORDER BY worth DESC NULLS LAST, payment_id
        ) AS place
    FROM payment_risk
    CROSS JOIN
        LATERAL (VALUES ('index', risk_index), ('chance', p_fraud), ('amount', amount_krw)) AS way (ranking, worth)
),
days AS (
    SELECT
        ranking,
        day,
        count(*) FILTER (place <= $capacity) AS looked,
        count(*) FILTER (place <= $capacity AND fraud IS NULL) AS unlabelled,
        count(*) FILTER (place <= $capacity AND fraud IS NOT NULL) AS labelled,
        count(*) FILTER (place <= $capacity AND fraud = 1) AS found,
        count(*) FILTER (fraud = 1) AS frauds,
        count(fraud) AS known,
        count(DISTINCT customer_id) FILTER (place <= $capacity AND fraud IS NOT NULL) AS customers,
        count(DISTINCT customer_id) FILTER (place <= $capacity AND fraud = 1) AS customers_found,
        coalesce(sum(amount_krw) FILTER (place <= $capacity AND fraud = 1), 0) AS found_krw,
        coalesce(sum(amount_krw) FILTER (fraud = 1), 0) AS fraud_krw
    FROM ranked
    GROUP BY ranking, day
    HAVING count(fraud) > 0
)
SELECT
    ranking,
    count(*) AS days,
    min(day) AS first_day,
    max(day) AS last_day,
    sum(looked) AS looked,
    sum(unlabelled) AS unlabelled,
    sum(found) AS found,
    sum(frauds) AS frauds,
    sum(known) AS known,
    avg(found / nullif(labelled, 0)) AS precision_per_day,
    avg(customers_found / nullif(customers, 0)) AS precision_of_customers,
    sum(found) / nullif(sum(frauds), 0) AS recall,
    sum(found_krw) / nullif(sum(fraud_krw), 0) AS recall_krw,
    sum(looked) * $review_krw + (sum(fraud_krw) - sum(found_krw)) * $loss_share AS cost_krw,
    sum(fraud_krw) * $loss_share AS cost_of_nothing_krw
FROM days
GROUP BY ranking
ORDER BY list_position(['index', 'chance', 'amount'], ranking)
