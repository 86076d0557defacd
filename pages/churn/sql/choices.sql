-- Every possible retention offer for one business: the reason that it answers, its cost and its largest value.
SELECT
    offer,
    for_reason,
    at_stake_krw,
    cost_krw,
    expected_value_krw
FROM retention_choices
WHERE business_id = $business_id AND manager_id IN $manager_ids
ORDER BY expected_value_krw DESC, offer
