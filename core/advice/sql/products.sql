-- Products by number, and the rules that ask for a record before one may be recommended.
SELECT product_number, product_id, kind, record_bits
FROM advice_catalogue
ORDER BY product_number
