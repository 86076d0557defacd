-- Where the bank's businesses lie in the picture; spots of a few are not there.
SELECT *
FROM segment_cloud
WHERE view = $view
