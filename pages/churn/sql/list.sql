-- Active customers, those most likely to leave or with most to lose first, with the signals in their data.
-- The businesses are chosen first, so that the joins read the rows of these few only.
WITH chosen AS (
    SELECT
        business_id,
        name,
        as_of,
        churn_3m,
        churn_level,
        deposit_avg_krw,
        churn_3m * deposit_avg_krw AS deposit_at_stake_krw,
        last_contact_on
    FROM business_scores
    WHERE manager_id IN $manager_ids AND churn_3m IS NOT NULL
    ORDER BY
        CASE $order
            WHEN 'stake' THEN -churn_3m * deposit_avg_krw WHEN 'deposit' THEN -deposit_avg_krw ELSE -churn_3m
        END
        NULLS LAST,
        business_id
    LIMIT $rows
)
SELECT
    chosen.*,
    chosen.churn_3m - before.churn_3m AS churn_change,
    first.reason,
    first.feature,
    first.value,
    inputs.products_ending_90d,
    inputs.loans_ending_90d,
    inputs.autopay_last_month,
    inputs.card_share_change
FROM chosen
LEFT JOIN churn_scores AS before
    ON before.business_id = chosen.business_id AND before.as_of = last_day(chosen.as_of - INTERVAL 1 MONTH)
LEFT JOIN drivers AS first ON first.business_id = chosen.business_id AND first.model = 'churn' AND first.rank = 1
LEFT JOIN model_inputs_churn AS inputs ON inputs.business_id = chosen.business_id
ORDER BY
    CASE $order WHEN 'stake' THEN -deposit_at_stake_krw WHEN 'deposit' THEN -deposit_avg_krw ELSE -chosen.churn_3m END
    NULLS LAST,
    chosen.business_id
