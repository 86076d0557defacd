-- Spots of the bank's businesses in the scatter; spots with few businesses are left out.
SELECT *
FROM segment_cloud
WHERE view = $view
