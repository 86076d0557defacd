-- How many businesses pass every filter, and how many would pass if one filter were removed.
WITH passed AS (
    SELECT
        ($district IS NULL OR district_code = $district) AS district,
        ($category IS NULL OR category = $category) AS category,
        (len(CAST($tiers AS INTEGER[])) = 0 OR coalesce(tier IN CAST($tiers AS INTEGER[]), FALSE)) AS tiers,
        (len(CAST($churn AS VARCHAR[])) = 0 OR coalesce(churn_level IN CAST($churn AS VARCHAR[]), FALSE)) AS churn,
        ($anomaly IS NULL OR coalesce(anomaly_pct >= CAST($anomaly AS DOUBLE) / 100, FALSE)) AS anomaly,
        ($segment IS NULL OR coalesce(segment = $segment, FALSE)) AS segment,
        (($state IS NULL AND state <> 'CLOSED') OR coalesce(state = $state, FALSE)) AS state,
        contains(name_nfc, lower(nfc_normalize($text))) AS text
    FROM business_scores
    WHERE manager_id IN $manager_ids
)
SELECT
    count(*) AS scope,
    count(*) FILTER (
        WHERE district AND category AND tiers AND churn AND anomaly AND segment AND state AND text
    ) AS businesses,
    count(*) FILTER (WHERE category AND tiers AND churn AND anomaly AND segment AND state AND text) AS district,
    count(*) FILTER (WHERE district AND tiers AND churn AND anomaly AND segment AND state AND text) AS category,
    count(*) FILTER (WHERE district AND category AND churn AND anomaly AND segment AND state AND text) AS tiers,
    count(*) FILTER (WHERE district AND category AND tiers AND anomaly AND segment AND state AND text) AS churn,
    count(*) FILTER (WHERE district AND category AND tiers AND churn AND segment AND state AND text) AS anomaly,
    count(*) FILTER (WHERE district AND category AND tiers AND churn AND anomaly AND state AND text) AS segment,
    count(*) FILTER (WHERE district AND category AND tiers AND churn AND anomaly AND segment AND text) AS state,
    count(*) FILTER (WHERE district AND category AND tiers AND churn AND anomaly AND segment AND state) AS text
FROM passed
