-- The book by district, all 25 of them: how many (closed ones left out), how they score, what is lent.
WITH book AS (
    SELECT
        district_code,
        count(*) AS businesses,
        count(score) AS rated,
        -- of fewer than five a middle or a share says nothing about the district
        CASE WHEN count(score) >= 5 THEN median(score) END AS score_p50,
        CASE WHEN count(score) >= 5 THEN avg(score) END AS score_mean,
        CASE WHEN count(tier) >= 5 THEN count(*) FILTER (WHERE tier <= 2) / count(tier) END AS weak_share,
        CASE WHEN count(pd_12m) >= 5 THEN avg(pd_12m) END AS pd_mean,
        CASE WHEN count(revenue_yoy) >= 5 THEN median(revenue_yoy) END AS revenue_yoy_p50,
        sum(CAST(loan_balance_krw AS DOUBLE)) AS loan_balance_krw,
        count(*) FILTER (WHERE tier = 1) AS tier_1,
        count(*) FILTER (WHERE tier = 2) AS tier_2,
        count(*) FILTER (WHERE tier = 3) AS tier_3,
        count(*) FILTER (WHERE tier = 4) AS tier_4,
        count(*) FILTER (WHERE tier = 5) AS tier_5
    FROM business_scores
    WHERE
        manager_id IN $manager_ids
        AND state <> 'CLOSED'
        AND ($category IS NULL OR category = $category)
    GROUP BY district_code
)
SELECT
    districts.district_code,
    coalesce(book.businesses, 0) AS businesses,
    coalesce(book.rated, 0) AS rated,
    book.* EXCLUDE (district_code, businesses, rated)
FROM districts
LEFT JOIN book USING (district_code)
ORDER BY districts.district_code
