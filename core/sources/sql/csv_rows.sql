-- Rows of a UTF-8 CSV as text, by the contract's names. Everything is given: DuckDB's sniffer takes codes for numbers
-- and, where a line has more or fewer cells, another separator.
SELECT COLUMNS(LAMBDA c: list_contains($keep, c))
FROM read_csv(
    $path, header = TRUE, delim = $delimiter, quote = '"', escape = '"', nullstr = '',
    columns = $columns, auto_detect = FALSE, strict_mode = TRUE, encoding = 'utf-8'
)
