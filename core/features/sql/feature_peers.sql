-- Median log change of sales over a year among the businesses of each category and region at $as_of: of the whole bank,
-- also when the model learns from a sample. A cell of fewer than ten peers takes the median of its category.
-- Reads businesses, revenue.
WITH observed AS (
    SELECT
        b.business_id,
        b.category,
        coalesce(b.region, '') AS region,
        CASE WHEN r.revenue_krw > 0 THEN CAST(r.revenue_krw AS DOUBLE) ELSE 0.0 END AS revenue_krw,
        (year(CAST($as_of AS DATE)) - year(r.month)) * 12 + month(CAST($as_of AS DATE)) - month(r.month) AS age
    FROM businesses AS b
    JOIN revenue AS r ON r.business_id = b.business_id
    WHERE
        b.customer_since <= CAST($as_of AS DATE)
        AND r.month <= CAST($as_of AS DATE)
        AND is_known(r.available_on, $as_of)
        AND r.month > CAST(CAST($as_of AS DATE) - INTERVAL 15 MONTH AS DATE)
        AND r.revenue_krw IS NOT NULL
), sums AS (
    SELECT
        business_id,
        category,
        region,
        count(*) FILTER (WHERE age < 3) AS months_now,
        count(*) FILTER (WHERE age >= 12) AS months_year_ago,
        avg(revenue_krw) FILTER (WHERE age < 3) AS mean_now,
        avg(revenue_krw) FILTER (WHERE age >= 12) AS mean_year_ago
    FROM observed
    GROUP BY business_id, category, region
), changes AS (
    SELECT category, region, ln((mean_now + 10000.0) / (mean_year_ago + 10000.0)) AS change
    FROM sums
    WHERE months_now >= 2 AND months_year_ago >= 2
), cells AS (
    SELECT category, region, count(*) AS peers, percentile(change, 0.5) AS change
    FROM changes
    GROUP BY category, region
), categories AS (
    SELECT category, percentile(change, 0.5) AS change
    FROM changes
    GROUP BY category
)
SELECT
    c.category,
    c.region,
    CASE WHEN c.peers >= 10 THEN c.change ELSE w.change END AS peers_change
FROM cells AS c
JOIN categories AS w ON w.category = c.category
