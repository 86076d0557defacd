-- The businesses that pass every filter, in the chosen order; $rows of them from $offset on.
SELECT
    business_id,
    name,
    score,
    tier,
    state,
    score - score_1m AS score_change,
    district_code,
    industry_code,
    pd_12m,
    pd_band,
    churn_3m,
    churn_level,
    anomaly_pct,
    segment,
    revenue_3m_krw,
    revenue_yoy,
    -- Without unknown months: the chart would draw a NULL as zero.
    list_filter(sparkline, LAMBDA krw: krw IS NOT NULL) AS sparkline,
    last_contact_on
FROM business_scores
WHERE
    manager_id IN $manager_ids
    AND ($district IS NULL OR district_code = $district)
    AND ($category IS NULL OR category = $category)
    AND (len(CAST($tiers AS INTEGER[])) = 0 OR tier IN CAST($tiers AS INTEGER[]))
    AND (len(CAST($churn AS VARCHAR[])) = 0 OR churn_level IN CAST($churn AS VARCHAR[]))
    AND ($anomaly IS NULL OR anomaly_pct >= CAST($anomaly AS DOUBLE) / 100)
    AND ($segment IS NULL OR segment = $segment)
    AND (($state IS NULL AND state <> 'CLOSED') OR state = $state)
    AND contains(name_nfc, lower(nfc_normalize($text)))
ORDER BY
    CASE $sort
        WHEN 'score' THEN score
        WHEN 'score_best' THEN -score
        WHEN 'change' THEN score - score_1m
        WHEN 'pd' THEN -pd_12m
        WHEN 'churn' THEN -churn_3m
        WHEN 'anomaly' THEN -anomaly_pct
        WHEN 'revenue' THEN -revenue_3m_krw
        WHEN 'yoy' THEN revenue_yoy
        WHEN 'contact' THEN coalesce(epoch(last_contact_on), 0)
    END NULLS LAST,
    CASE WHEN $sort = 'name' THEN name_nfc END COLLATE ko,
    business_id
LIMIT $rows OFFSET $offset
