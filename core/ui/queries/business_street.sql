-- One row: own change of revenue and its percentile among the same industry and district (whole book, counts only),
-- beside the growth of the own trade area, of the district and of Seoul in the newest published quarter, and the
-- percentile of the area among Seoul's areas, of the district among its districts (same industry, half of a tie).
WITH chosen AS (
    SELECT *
    FROM business_scores
    WHERE business_id = $business_id AND manager_id IN $manager_ids
), peers AS (
    SELECT
        count(*) FILTER (WHERE others.industry_code = chosen.industry_code) AS industry_n,
        avg(
            CASE
                WHEN others.change_raw < chosen.change_raw THEN 1.0
                WHEN others.change_raw = chosen.change_raw THEN 0.5
                ELSE 0.0
            END
        ) FILTER (WHERE others.industry_code = chosen.industry_code) AS industry_percentile,
        count(*) AS category_n,
        avg(
            CASE
                WHEN others.change_raw < chosen.change_raw THEN 1.0
                WHEN others.change_raw = chosen.change_raw THEN 0.5
                ELSE 0.0
            END
        ) AS category_percentile
    FROM business_scores AS others
    JOIN chosen ON others.category = chosen.category AND others.district_code = chosen.district_code
    WHERE others.change_raw IS NOT NULL AND others.state <> 'CLOSED'
), cells AS (
    SELECT
        market.*,
        max(market.quarter) OVER () AS newest
    FROM market_scores AS market
    JOIN chosen ON market.industry_code = chosen.industry_code
    WHERE market.sales_yoy IS NOT NULL
), places AS (
    -- Growth of a sum is the sum of today over the sum of a year ago, cells known in both only.
    SELECT
        district_code,
        sum(sales_krw) / nullif(sum(sales_krw / nullif(1 + sales_yoy, 0)), 0) - 1 AS growth
    FROM cells
    WHERE quarter = newest
    GROUP BY district_code
), area_rank AS (
    SELECT
        count(*) AS area_n,
        avg(CASE WHEN cells.sales_yoy < own.sales_yoy THEN 1.0 WHEN cells.sales_yoy = own.sales_yoy THEN 0.5 ELSE 0.0 END)
            AS area_percentile
    FROM cells
    JOIN cells AS own
        ON own.area_code = (SELECT trade_area_code FROM chosen) AND own.quarter = own.newest
    WHERE cells.quarter = cells.newest
), district_rank AS (
    SELECT
        count(*) AS district_n,
        avg(CASE WHEN places.growth < own.growth THEN 1.0 WHEN places.growth = own.growth THEN 0.5 ELSE 0.0 END)
            AS district_percentile
    FROM places
    JOIN places AS own ON own.district_code = (SELECT district_code FROM chosen)
    WHERE places.growth IS NOT NULL
), market AS (
    SELECT
        max(cells.quarter) AS quarter,
        any_value(cells.sales_yoy) FILTER (WHERE cells.area_code = chosen.trade_area_code) AS area_growth,
        sum(cells.sales_krw) FILTER (WHERE cells.district_code = chosen.district_code)
        / nullif(
            sum(cells.sales_krw / nullif(1 + cells.sales_yoy, 0))
                FILTER (WHERE cells.district_code = chosen.district_code), 0
        ) - 1 AS district_growth,
        count(*) FILTER (WHERE cells.district_code = chosen.district_code) AS district_cells,
        sum(cells.sales_krw) / nullif(sum(cells.sales_krw / nullif(1 + cells.sales_yoy, 0)), 0) - 1 AS seoul_growth
    FROM cells
    CROSS JOIN chosen
    WHERE cells.quarter = cells.newest
)
SELECT
    chosen.change_raw,
    peers.*,
    market.*,
    area_rank.*,
    district_rank.*
FROM chosen
CROSS JOIN peers
CROSS JOIN market
CROSS JOIN area_rank
CROSS JOIN district_rank
