-- One row per industry code in the staged rows: the city's code, its category and family. is_by_family: the code itself
-- is unknown, its family's default category stands in.
WITH codes AS (
    SELECT DISTINCT to_text(industry_code) AS code FROM scratch.staged_rows WHERE to_text(industry_code) IS NOT NULL
),
ksic AS (
    SELECT codes.code, arg_max(ksic.industry_code, length(ksic.ksic)) AS industry_code
    FROM codes
    JOIN scratch.ksic ON starts_with(regexp_extract(codes.code, '^[A-U]?(\d{3,5})$', 1), ksic.ksic)
    GROUP BY codes.code
),
city_codes AS (
    SELECT codes.code, coalesce(industries.industry_code, ksic.industry_code) AS industry_code
    FROM codes
    LEFT JOIN industries ON industries.industry_code = upper(codes.code)
    LEFT JOIN ksic ON ksic.code = codes.code
)
SELECT
    city_codes.code,
    coalesce(city_codes.industry_code, upper(city_codes.code)) AS industry_code,
    coalesce(industries.category, by_family.category) AS category,
    coalesce(industries.family, by_family.family_default) AS family,
    city_codes.industry_code IS NULL AS is_by_family
FROM city_codes
LEFT JOIN industries ON industries.industry_code = city_codes.industry_code
LEFT JOIN categories AS by_family
    ON
        city_codes.industry_code IS NULL
        AND regexp_full_match(upper(city_codes.code), 'CS[123]\d{5}')
        AND by_family.family_default
        = CASE substr(city_codes.code, 3, 1) WHEN '1' THEN 'food' WHEN '2' THEN 'services' ELSE 'retail' END
WHERE city_codes.industry_code IS NOT NULL OR by_family.category IS NOT NULL
