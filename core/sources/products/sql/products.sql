-- One row per product: the curated row, with rates and terms of finlife where an offer matches.
-- An offer belongs to the first product of product_feed with its service and one of its words. Of these offers 'own'
-- uses those of the own bank; 'any' uses those of the own bank, or of all companies where the own bank has none.
WITH feed_rules AS (
    SELECT product_id, service, contains, whose, row_number() OVER () AS place
    FROM product_feed
),
matches AS (
    SELECT
        offers.*, feed_rules.product_id, feed_rules.whose,
        row_number() OVER (PARTITION BY offers.offer_id ORDER BY feed_rules.place) AS choice
    FROM product_offers AS offers
    INNER JOIN feed_rules
        ON
            feed_rules.service = offers.service
            AND (feed_rules.contains IS NULL OR regexp_matches(offers.words, feed_rules.contains))
    WHERE offers.fin_group = $banks AND offers.rate_min IS NOT NULL
),
offers_of_products AS (
    SELECT *, bool_or(is_own) OVER (PARTITION BY product_id) AS has_own
    FROM matches
    WHERE choice = 1
),
feed AS (
    SELECT
        product_id,
        min(rate_min) AS rate_min,
        max(rate_max) AS rate_max,
        min(term_months_min) AS term_months_min,
        max(term_months_max) AS term_months_max,
        last_day(CAST(strptime(max(disclosed_month), '%Y%m') AS DATE)) AS as_of,
        count(*) AS offers,
        count(DISTINCT company_no) AS companies,
        min(service) AS service,
        bool_and(is_own) AS is_own
    FROM offers_of_products
    WHERE is_own OR (whose = 'any' AND NOT has_own)
    GROUP BY product_id
)
SELECT
    curated.product_id, curated.kind, curated.name_ko, curated.name_en, curated.purpose,
    curated.limit_krw, curated.limit_per, curated.limit_sales_months, curated.limit_other, curated.minimum_krw,
    coalesce(feed.term_months_min, curated.term_months_min) AS term_months_min,
    coalesce(feed.term_months_max, curated.term_months_max) AS term_months_max,
    curated.grace_months, curated.repayment, curated.rate_basis, curated.spread_min, curated.spread_max,
    coalesce(
        feed.rate_min,
        curated.rate_min,
        CASE WHEN curated.rate_basis = 'base_rate' THEN round(base.rate + curated.spread_min, 6) END
    ) AS rate_min,
    coalesce(
        feed.rate_max,
        curated.rate_max,
        CASE WHEN curated.rate_basis = 'base_rate' THEN round(base.rate + curated.spread_max, 6) END
    ) AS rate_max,
    curated.fee_rate_min, curated.fee_rate_max, curated.score_min, curated.score_max,
    curated.tenure_months_min, curated.days_past_due_below,
    curated.annual_sales_below_krw, curated.business_years_below, curated.credit_score_max,
    curated.condition_ko, curated.condition_en, curated.note_ko, curated.note_en,
    CASE
        WHEN feed.product_id IS NULL THEN curated.source
        ELSE
            'rates and terms: FSS finlife ' || feed.service
            || CASE WHEN feed.is_own THEN ', own bank, ' ELSE ', range over ' || feed.companies || ' banks, ' END
            || feed.offers || ' offers; the rest: ' || curated.source
    END AS source,
    -- The day of the curated row, as its limit stays as old with a new rate.
    curated.as_of,
    curated.verified,
    curated.is_sale,
    CASE
        WHEN feed.product_id IS NOT NULL THEN 'finlife' WHEN curated.rate_basis = 'base_rate' THEN 'base_rate'
        WHEN curated.rate_min IS NOT NULL THEN 'curated'
    END AS rate_source,
    CASE
        WHEN feed.product_id IS NOT NULL THEN feed.as_of WHEN curated.rate_basis = 'base_rate' THEN base.as_of
        WHEN curated.rate_min IS NOT NULL THEN curated.as_of
    END AS rate_as_of
FROM product_curated AS curated
CROSS JOIN base_rate AS base
LEFT JOIN feed ON feed.product_id = curated.product_id
ORDER BY curated.place
