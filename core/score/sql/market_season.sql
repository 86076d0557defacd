-- Seasonal index of each industry from what was known at $quarter_index: median over the years, mean 0 over the year.
-- A deviation needs the quarter after it, so the newest one is a quarter old. Two years are needed: with one year alone
-- its events cannot be told from the season.
-- Reads market_moves.
WITH seasons AS (
    SELECT
        industry_code,
        quarter_index % 4 AS season,
        median(deviation) AS deviation,
        count(*) AS years
    FROM market_moves
    WHERE quarter_index < $quarter_index
    GROUP BY industry_code, quarter_index % 4
), complete AS (
    SELECT
        industry_code,
        avg(deviation) AS level
    FROM seasons
    WHERE years >= 2
    GROUP BY industry_code
    HAVING count(*) = 4
)
SELECT
    seasons.industry_code,
    seasons.season,
    seasons.deviation - complete.level AS ln_si
FROM seasons
JOIN complete ON complete.industry_code = seasons.industry_code
