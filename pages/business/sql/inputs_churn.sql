-- Features of one business as the churn model scored it, a column each; no row when it was not scored.
SELECT * EXCLUDE (business_id)
FROM model_inputs_churn
WHERE
    business_id = $business_id
    AND EXISTS (
        SELECT 1
        FROM business_scores
        WHERE business_id = $business_id AND manager_id IN $manager_ids
    )
