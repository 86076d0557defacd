-- Customers with an account: the size of the book the churn model learns from.
SELECT count(DISTINCT business_id) AS customers
FROM balances
