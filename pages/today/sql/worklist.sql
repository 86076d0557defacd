-- Whom to see this week. Of the businesses on the work list the $visits that are worth most are visited: the first
-- $rows of them are part 'now'. The next $rows by worth are part 'next', with the reason why not now.
WITH waiting AS (
    SELECT
        *,
        CASE
            WHEN skip IS NULL
                THEN row_number() OVER (
                    PARTITION BY skip IS NULL ORDER BY value_krw DESC, gravity, place, manager_id, business_id
                )
        END AS turn
    FROM worklist
    WHERE manager_id IN $manager_ids
), chosen AS (
    SELECT
        *,
        turn IS NOT NULL AND turn <= least(CAST($visits AS INTEGER), CAST($rows AS INTEGER)) AS is_now,
        -- Worth of the last visit: what another business must be worth to be visited.
        min(value_krw) FILTER (WHERE turn <= $visits) OVER () AS least_value_krw
    FROM waiting
), listed AS (
    SELECT
        *,
        CASE WHEN is_now THEN 'now' ELSE 'next' END AS part,
        CASE
            WHEN is_now THEN NULL
            WHEN skip IS NOT NULL THEN skip
            WHEN turn <= $visits THEN 'later'
            ELSE 'capacity'
        END AS why_not
    FROM chosen
    QUALIFY
        is_now OR row_number() OVER (
            PARTITION BY is_now ORDER BY value_krw DESC, turn NULLS LAST, manager_id, business_id
        ) <= $rows
)
SELECT
    listed.part,
    listed.turn,
    listed.rule,
    listed.due_on,
    listed.why_not,
    listed.days_since_contact,
    listed.value_krw,
    listed.loss_avoided_krw,
    listed.offer_value_krw,
    listed.least_value_krw - listed.value_krw AS gap_krw,
    listed.offer_product_id,
    listed.offer_is_relief,
    listed.offer_suitability,
    products.name_ko AS offer_name_ko,
    products.name_en AS offer_name_en,
    ledger.basis,
    cards.*
FROM listed
JOIN business_cards AS cards ON cards.business_id = listed.business_id AND cards.manager_id IN $manager_ids
LEFT JOIN score_ledger AS ledger ON ledger.business_id = listed.business_id
LEFT JOIN products ON products.product_id = listed.offer_product_id
ORDER BY listed.part = 'next', listed.value_krw DESC, listed.turn NULLS LAST, listed.business_id
