-- What ranking knows of the businesses numbered $first up to, not including, $last; income is a year's operating
-- profit.
SELECT number, tier, sales_12m_krw * margin AS income_krw
FROM advice_facts
WHERE number >= $first AND number < $last
ORDER BY number
