-- Is any file of this build made up?
SELECT coalesce(bool_or(is_demo), FALSE) FROM source_files
