-- Businesses that ever had a loan: the size of the book the default model learns from.
SELECT count(DISTINCT business_id) AS borrowers
FROM loans
