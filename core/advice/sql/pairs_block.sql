-- Pairs of the businesses numbered from $first up to, not including, $last.
SELECT failed, need, value_krw
FROM advice_pairs
WHERE number >= $first AND number < $last
ORDER BY number, product_number
