-- Rows of a UTF-8 CSV as text, by the contract's names. Everything explicit: the sniffer guesses types and separators
-- wrongly.
SELECT COLUMNS(LAMBDA c: list_contains($keep, c))
FROM read_csv(
    $path, header = TRUE, delim = $delimiter, quote = '"', escape = '"', nullstr = '',
    columns = $columns, auto_detect = FALSE, strict_mode = TRUE, encoding = 'utf-8'
)
