-- Features of each payment from what was known strictly before its instant; one row per payment of payment_events.
-- Every frame ends one microsecond before the event (the resolution of a timestamp), so neither the event itself nor
-- one of the same instant is in its past. Each column can be kept as a small state per customer: counters over the last
-- seven days, running sums, a list of 90 days of amounts, a set of merchants and methods, 24 counters of hours.
WITH counted AS (
    SELECT
        *,
        count(*) OVER minutes_10 AS count_10m,
        count(*) OVER hour_1 AS count_1h,
        count(*) OVER hours_24 AS count_24h,
        count(*) OVER days_7 AS count_7d,
        coalesce(sum(amount_krw) OVER hour_1, 0.0) AS sum_1h,
        coalesce(sum(amount_krw) OVER hours_24, 0.0) AS sum_24h,
        coalesce(sum(amount_krw) OVER days_7, 0.0) AS sum_7d,
        coalesce(sum(failed) OVER hour_1, 0) AS failed_1h,
        coalesce(sum(failed) OVER hours_24, 0) AS failed_24h,
        coalesce(sum(failed) OVER days_7, 0) AS failed_7d,
        coalesce(sum(failed) OVER days_30, 0) AS failed_30d,
        count(*) OVER days_30 AS count_30d,
        count(DISTINCT merchant_id) OVER hours_24 AS merchants_24h,
        median(ln_amount) OVER days_90 AS median_90d,
        mad(ln_amount) OVER days_90 AS mad_90d,
        max(ln_amount) OVER days_90 AS max_90d,
        count(*) OVER past AS known,
        avg(ln_amount) OVER past AS ln_mean,
        stddev_samp(ln_amount) OVER past AS ln_spread,
        min("at") OVER past AS first_at,
        max(CASE WHEN failed = 1 THEN "at" END) OVER past AS failed_at,
        count(*) OVER at_merchant AS known_merchant,
        count(*) OVER by_method AS known_method,
        coalesce(sum(failed) OVER same_again, 0) AS same_failed_1h,
        -- The hour and its two neighbours: three ways to cut a day into threes, one has this hour in the middle.
        CASE hour % 3
            WHEN 1 THEN count(*) OVER around_1
            WHEN 2 THEN count(*) OVER around_2
            ELSE count(*) OVER around_0
        END AS known_hour
    FROM payment_events
    WINDOW
        past AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        minutes_10 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 10 MINUTE PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        hour_1 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        hours_24 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 24 HOUR PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        days_7 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        days_30 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        days_90 AS (
            PARTITION BY customer_id, spell ORDER BY "at"
            RANGE BETWEEN INTERVAL 90 DAY PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        at_merchant AS (
            PARTITION BY customer_id, spell, merchant_id ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        by_method AS (
            PARTITION BY customer_id, spell, method ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        same_again AS (
            PARTITION BY customer_id, spell, merchant_id, amount_krw ORDER BY "at"
            RANGE BETWEEN INTERVAL 1 HOUR PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        around_0 AS (
            PARTITION BY customer_id, spell, (hour + 1) % 24 // 3 ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        around_1 AS (
            PARTITION BY customer_id, spell, hour // 3 ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        ),
        around_2 AS (
            PARTITION BY customer_id, spell, (hour + 23) % 24 // 3 ORDER BY "at"
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING
        )
)
SELECT
    c.payment_id,
    c.customer_id,
    c."at",
    c.succeeded,
    c.ln_amount,
    -- A tenth keeps a habit of equal amounts from making every other amount infinitely far away.
    CASE WHEN c.known >= 5 THEN (c.ln_amount - c.median_90d) / (1.4826 * c.mad_90d + 0.1) END AS amount_z_90d,
    CASE WHEN c.known >= 5 THEN (c.ln_amount - c.ln_mean) / (c.ln_spread + 0.1) END AS amount_z_known,
    c.ln_amount - c.max_90d AS amount_against_max_90d,
    -- Rounded: a sum over many rows differs in its last bit from run to run, and the same data must make the same
    -- model.
    round(c.ln_amount - u.usual_ln_amount, 9) AS amount_against_merchant,
    c.count_10m,
    c.count_1h,
    c.count_24h,
    c.count_7d,
    ln(1.0 + c.sum_1h) AS ln_sum_1h,
    ln(1.0 + c.sum_24h) AS ln_sum_24h,
    ln(1.0 + c.sum_7d) AS ln_sum_7d,
    c.failed_1h,
    c.failed_24h,
    c.failed_7d,
    -- Two payments of the usual failing share stand in for what is not known yet.
    (c.failed_30d + 0.1) / (c.count_30d + 2.0) AS failed_share_30d,
    CASE WHEN c.failed_at = c.previous_at THEN 1 ELSE 0 END AS last_failed,
    c.same_failed_1h,
    -- Differences of whole microseconds: seconds since 1970 as a DOUBLE are known to a quarter of a microsecond only.
    ln(1.0 + (epoch_us(c."at") - epoch_us(c.previous_at)) / 1e6) AS ln_seconds_since,
    CASE
        WHEN c.known >= 3
            THEN
                ln(
                    (1.0 + (epoch_us(c."at") - epoch_us(c.previous_at)) / 1e6)
                    / (1.0 + (epoch_us(c.previous_at) - epoch_us(c.first_at)) / 1e6 / (c.known - 1))
                )
    END AS gap_ratio,
    c.merchants_24h,
    CASE WHEN c.known_merchant = 0 THEN 1 ELSE 0 END AS first_merchant,
    CASE WHEN c.known_method = 0 THEN 1 ELSE 0 END AS first_method,
    (c.known_hour + 3.0) / (c.known + 24.0) AS hour_habit,
    c.hour,
    dayofweek(c."at") AS weekday,
    CASE WHEN c.hour < 6 THEN 1 ELSE 0 END AS night,
    CASE WHEN h.day IS NULL AND dayofweek(c."at") NOT IN (0, 6) THEN 1 ELSE 0 END AS working_day,
    CASE WHEN c.amount_krw % 10000 = 0 THEN 1 ELSE 0 END AS round_amount,
    ln(1.0 + c.known) AS ln_payments_known,
    coalesce((epoch_us(c."at") - epoch_us(c.first_at)) / 8.64e10, 0.0) AS days_known,
    CASE WHEN c.method = 'mobile' THEN 1 ELSE 0 END AS by_mobile,
    CASE WHEN c.method = 'transfer' THEN 1 ELSE 0 END AS by_transfer,
    CASE WHEN c.method = 'virtual_account' THEN 1 ELSE 0 END AS by_virtual_account
FROM counted AS c
LEFT JOIN payment_usual AS u ON u.merchant_id = c.merchant_id AND u.month = c.month
LEFT JOIN payment_holidays AS h ON h.day = CAST(c."at" AS DATE)
