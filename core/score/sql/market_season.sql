-- Seasonal index of each industry as it could be known at $quarter_index: median over the years, mean 0 over the year.
-- A deviation looks one quarter ahead, so the newest usable one is a quarter old. Two years are asked for, because the
-- season of one year alone is that year's news.
-- Reads market_moves.
WITH seasons AS (
    SELECT
        industry_code,
        quarter_index % 4 AS season,
        median(deviation) AS middle,
        count(*) AS years
    FROM market_moves
    WHERE quarter_index < $quarter_index
    GROUP BY industry_code, quarter_index % 4
), complete AS (
    SELECT
        industry_code,
        avg(middle) AS level
    FROM seasons
    WHERE years >= 2
    GROUP BY industry_code
    HAVING count(*) = 4
)
SELECT
    seasons.industry_code,
    seasons.season,
    seasons.middle - complete.level AS ln_si
FROM seasons
JOIN complete ON complete.industry_code = seasons.industry_code
