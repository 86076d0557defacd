-- One row per business: the percentile of its own change of revenue among the same industry and district (counts of
-- the whole book), beside the growth of its trade area, its district and Seoul in the newest published quarter, and
-- the percentile of the area among Seoul's areas, of the district among its districts (same industry). A tie counts
-- half; an unknown value has no percentile.
WITH book AS (
    SELECT
        business_id,
        district_code,
        trade_area_code,
        category,
        industry_code,
        change_raw,
        coalesce(state <> 'CLOSED' AND change_raw IS NOT NULL AND district_code IS NOT NULL, FALSE) AS is_peer
    FROM business_scores
), counted AS (
    SELECT
        *,
        count(*) FILTER (WHERE is_peer) OVER industry AS industry_n,
        count(*) FILTER (WHERE is_peer) OVER category AS category_n,
        count(*) FILTER (WHERE is_peer) OVER industry_up_to AS industry_up_to,
        count(*) FILTER (WHERE is_peer) OVER category_up_to AS category_up_to,
        count(*) FILTER (WHERE is_peer) OVER industry_ties AS industry_ties,
        count(*) FILTER (WHERE is_peer) OVER category_ties AS category_ties
    FROM book
    WINDOW
        industry AS (PARTITION BY district_code, category, industry_code),
        category AS (PARTITION BY district_code, category),
        industry_up_to AS (
            PARTITION BY district_code, category, industry_code ORDER BY change_raw RANGE UNBOUNDED PRECEDING
        ),
        category_up_to AS (PARTITION BY district_code, category ORDER BY change_raw RANGE UNBOUNDED PRECEDING),
        industry_ties AS (PARTITION BY district_code, category, industry_code, change_raw),
        category_ties AS (PARTITION BY district_code, category, change_raw)
), cells AS (
    SELECT
        industry_code,
        area_code,
        district_code,
        quarter,
        sales_krw,
        sales_yoy,
        sales_krw / nullif(1 + sales_yoy, 0) AS sales_before_krw
    FROM market_scores
    WHERE sales_yoy IS NOT NULL
    QUALIFY quarter = max(quarter) OVER (PARTITION BY industry_code)
), city AS (
    -- Growth of a sum is the sum of today over the sum of a year ago, cells known in both only.
    SELECT
        industry_code,
        max(quarter) AS quarter,
        sum(sales_krw) / nullif(sum(sales_before_krw), 0) - 1 AS growth
    FROM cells
    GROUP BY industry_code
), areas AS (
    SELECT
        industry_code,
        area_code,
        sales_yoy AS growth,
        count(*) OVER (PARTITION BY industry_code) AS n,
        rank() OVER (PARTITION BY industry_code ORDER BY sales_yoy) - 1
        + 0.5 * count(*) OVER (PARTITION BY industry_code, sales_yoy) AS below
    FROM cells
), grown AS (
    SELECT
        industry_code,
        district_code,
        sum(sales_krw) / nullif(sum(sales_before_krw), 0) - 1 AS growth
    FROM cells
    WHERE district_code IS NOT NULL
    GROUP BY industry_code, district_code
), districts AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY industry_code) AS n,
        rank() OVER (PARTITION BY industry_code ORDER BY growth) - 1
        + 0.5 * count(*) OVER (PARTITION BY industry_code, growth) AS below
    FROM grown
    WHERE growth IS NOT NULL
)
SELECT
    counted.business_id,
    counted.change_raw,
    counted.industry_n,
    CASE WHEN counted.change_raw IS NOT NULL THEN (industry_up_to - 0.5 * industry_ties) / nullif(industry_n, 0) END
        AS industry_percentile,
    counted.category_n,
    CASE WHEN counted.change_raw IS NOT NULL THEN (category_up_to - 0.5 * category_ties) / nullif(category_n, 0) END
        AS category_percentile,
    city.quarter,
    areas.growth AS area_growth,
    districts.growth AS district_growth,
    city.growth AS seoul_growth,
    coalesce(areas.n, 0) AS area_n,
    areas.below / areas.n AS area_percentile,
    coalesce(districts.n, 0) AS district_n,
    districts.below / districts.n AS district_percentile
FROM counted
LEFT JOIN city ON city.industry_code = counted.industry_code
LEFT JOIN areas ON areas.industry_code = counted.industry_code AND areas.area_code = counted.trade_area_code
LEFT JOIN districts
    ON districts.industry_code = counted.industry_code AND districts.district_code = counted.district_code
ORDER BY counted.business_id
