-- Rows of a UTF-8 CSV as text, by the contract's names. Everything explicit: the sniffer guesses types and separators wrongly.
SELECT COLUMNS(lambda c: list_contains($keep, c))
FROM read_csv(
    $path, header = true, delim = $delimiter, quote = '"', escape = '"', nullstr = '',
    columns = $columns, auto_detect = false, strict_mode = true, encoding = 'utf-8'
)
