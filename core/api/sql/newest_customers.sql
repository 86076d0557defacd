-- Those who paid last: they are the likeliest to pay next.
SELECT customer_id
FROM payments
GROUP BY customer_id
ORDER BY max("at") DESC, customer_id
LIMIT $most
