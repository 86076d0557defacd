-- Fingerprint of all files of the build, whatever their names and order.
SELECT substr(sha256(string_agg(sha256, '' ORDER BY sha256)), 1, 16) FROM source_files
