-- Features that at least $fewest open businesses of the bank have.
SELECT feature
FROM segment_known
WHERE businesses >= $fewest
