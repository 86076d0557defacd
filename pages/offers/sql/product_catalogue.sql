-- Age of the catalogue: its oldest and newest rows, those with rates of FinLife, those compared with the issuer.
SELECT
    count(*) AS products,
    min(as_of) AS oldest_as_of,
    max(as_of) AS newest_as_of,
    count(*) FILTER (WHERE verified = 1) AS verified,
    count(*) FILTER (WHERE rate_source = 'finlife') AS with_finlife_rates,
    max(rate_as_of) FILTER (WHERE rate_source = 'finlife') AS finlife_as_of
FROM products
