-- The catalogue: what the bank has curated, with the feed's rates and terms where the feed names them.
-- An offer fills the first product of product_feed that asks for its service and finds its word. 'any': the own bank's
-- offers if there are some, else the range over all companies; 'own': only the own bank's.
WITH wanted AS (
    SELECT product_id, service, contains, whose, row_number() OVER () AS place
    FROM product_feed
),
matched AS (
    SELECT
        o.*, w.product_id, w.whose,
        row_number() OVER (PARTITION BY o.offer_id ORDER BY w.place) AS choice
    FROM product_offers AS o
    INNER JOIN wanted AS w
        ON w.service = o.service AND (w.contains IS NULL OR regexp_matches(o.words, w.contains))
    WHERE o.fin_group = $banks AND o.rate_min IS NOT NULL
),
counted AS (
    SELECT *, bool_or(is_own) OVER (PARTITION BY product_id) AS has_own
    FROM matched
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
    FROM counted
    WHERE is_own OR (whose = 'any' AND NOT has_own)
    GROUP BY product_id
)
SELECT
    c.product_id, c.kind, c.name_ko, c.name_en, c.purpose,
    c.limit_krw, c.limit_per, c.limit_sales_months, c.limit_other, c.minimum_krw,
    coalesce(f.term_months_min, c.term_months_min) AS term_months_min,
    coalesce(f.term_months_max, c.term_months_max) AS term_months_max,
    c.grace_months, c.repayment, c.rate_basis, c.spread_min, c.spread_max,
    coalesce(f.rate_min, c.rate_min, CASE WHEN c.rate_basis = 'base_rate' THEN round(b.rate + c.spread_min, 6) END)
        AS rate_min,
    coalesce(f.rate_max, c.rate_max, CASE WHEN c.rate_basis = 'base_rate' THEN round(b.rate + c.spread_max, 6) END)
        AS rate_max,
    c.fee_rate_min, c.fee_rate_max, c.score_min, c.score_max, c.tenure_months_min, c.days_past_due_below,
    c.annual_sales_below_krw, c.business_years_below, c.credit_score_max,
    c.condition_ko, c.condition_en, c.note_ko, c.note_en,
    CASE
        WHEN f.product_id IS NULL THEN c.source
        ELSE
            'rates and terms: FSS finlife ' || f.service
            || CASE WHEN f.is_own THEN ', own bank, ' ELSE ', range over ' || f.companies || ' banks, ' END
            || f.offers || ' offers; the rest: ' || c.source
    END AS source,
    -- A row is as old as its oldest part, so a fresh rate does not make an old limit look fresh.
    c.as_of,
    c.verified,
    c.is_sale,
    CASE
        WHEN f.product_id IS NOT NULL THEN 'finlife' WHEN c.rate_basis = 'base_rate' THEN 'base_rate'
        WHEN c.rate_min IS NOT NULL THEN 'curated'
    END AS rate_source,
    CASE
        WHEN f.product_id IS NOT NULL THEN f.as_of WHEN c.rate_basis = 'base_rate' THEN b.as_of
        WHEN c.rate_min IS NOT NULL THEN c.as_of
    END AS rate_as_of
FROM product_curated AS c
CROSS JOIN base_rate AS b
LEFT JOIN feed AS f ON f.product_id = c.product_id
ORDER BY c.place
