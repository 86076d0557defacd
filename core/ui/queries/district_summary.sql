-- The book by district, all 25 of them: how many, how they score, how many are weak, what is lent.
WITH book AS (
    SELECT
        district_code,
        count(*) AS businesses,
        count(score) AS rated,
        median(score) AS score_p50,
        avg(score) AS score_mean,
        count(*) FILTER (WHERE tier <= 2) / nullif(count(tier), 0) AS weak_share,
        avg(pd_12m) AS pd_mean,
        median(revenue_yoy) AS revenue_yoy_p50,
        sum(CAST(loan_balance_krw AS DOUBLE)) AS loan_balance_krw,
        count(*) FILTER (WHERE tier = 1) AS tier_1,
        count(*) FILTER (WHERE tier = 2) AS tier_2,
        count(*) FILTER (WHERE tier = 3) AS tier_3,
        count(*) FILTER (WHERE tier = 4) AS tier_4,
        count(*) FILTER (WHERE tier = 5) AS tier_5
    FROM business_scores
    WHERE
        manager_id IN $manager_ids
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
