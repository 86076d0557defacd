-- how the businesses of the desk's records stand in the served build; none for one that is in no book of $manager_ids
SELECT
    business_id,
    manager_id,
    name,
    (SELECT any_value(value) FROM build_info WHERE key = 'build_id') AS build_id,
    as_of,
    state,
    tier,
    score,
    pd_12m
FROM business_scores
WHERE business_id IN $business_ids AND manager_id IN $manager_ids
