-- Tier and operating profit of a year of the businesses numbered from $first up to, not including, $last.
SELECT number, tier, sales_12m_krw * margin AS income_krw
FROM advice_facts
WHERE number >= $first AND number < $last
ORDER BY number
