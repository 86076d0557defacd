-- Credit products of the catalogue with the terms that the recommendations assume.
SELECT
    product_id,
    purpose,
    limit_krw,
    limit_sales_months,
    limit_other,
    term_months_max,
    coalesce(grace_months, 0) AS grace_months,
    coalesce(repayment, 'equal_payment') AS repayment,
    rate,
    smallest_krw,
    as_of
FROM advice_catalogue
WHERE is_credit
ORDER BY product_id
