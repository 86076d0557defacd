-- One row per payment, with the spell it belongs to. A spell is what a stream still
-- remembers of a customer: after $forget_days days without a payment the state has expired and everything starts anew.
-- Order is (at, payment_id), but nothing here depends on the id: events of one instant are outside each other's past.
WITH events AS (
    SELECT
        payment_id,
        customer_id,
        "at",
        merchant_id,
        merchant_category,
        method,
        CAST(amount_krw AS DOUBLE) AS amount_krw,
        ln(greatest(CAST(amount_krw AS DOUBLE), 1.0)) AS ln_amount,
        succeeded,
        1 - succeeded AS failed
    FROM payments
    WHERE
        "at" < $before
        AND amount_krw IS NOT NULL
        AND succeeded IS NOT NULL
), gaps AS (
    SELECT
        *,
        max("at") OVER (
            PARTITION BY customer_id ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ) AS previous_at
    FROM events
), spells AS (
    SELECT
        *,
        CASE WHEN previous_at >= "at" - to_days(CAST($forget_days AS INTEGER)) THEN 0 ELSE 1 END AS begins
    FROM gaps
)
SELECT
    payment_id,
    customer_id,
    "at",
    merchant_id,
    merchant_category,
    method,
    amount_krw,
    ln_amount,
    succeeded,
    failed,
    date_trunc('month', "at") AS month,
    hour("at") AS hour,
    CASE WHEN begins = 0 THEN previous_at END AS previous_at,
    -- Peers of one instant count together in a RANGE frame, so both get the same number.
    sum(begins) OVER (PARTITION BY customer_id ORDER BY "at" RANGE UNBOUNDED PRECEDING) AS spell
FROM spells
