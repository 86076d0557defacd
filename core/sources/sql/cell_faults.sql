-- Cells of one column that break the contract: row, value, code. $type is a constant, so only one branch is ever run.
WITH cells AS (
    SELECT rowid AS row_no, COLUMNS(lambda c: c = $column) AS value FROM scratch.stage
)
SELECT
    row_no,
    $column AS column_name,
    value,
    CASE WHEN $required THEN 'row' ELSE 'value' END AS action,
    CASE
        WHEN clean(value) IS NULL THEN 'missing'
        WHEN $column = 'revenue_krw' AND fault_amount(value) = 'amount_negative' THEN 'revenue_negative'
        WHEN $type = 'won' THEN fault_amount(value)
        WHEN $type = 'count' THEN replace(fault_amount(value), 'amount', 'count')
        WHEN $type IN ('number', 'rate', 'latitude', 'longitude') AND to_number(value) IS NULL THEN fault_number(value)
        WHEN $type = 'rate' THEN 'rate_percent'
        WHEN $type IN ('latitude', 'longitude') THEN 'coordinate_outside'
        WHEN $type = 'month' THEN fault_date(value, any_month(value), DATE '1990-01-01')
        WHEN $type IN ('day', 'later_day') THEN fault_date(value, any_day(value), DATE '1900-01-01')
        WHEN $type = 'time' THEN fault_date(value, CAST(any_time(value) AS DATE), DATE '1990-01-01')
        WHEN $type = 'quarter' THEN 'quarter_impossible'
        WHEN $type = 'flag' THEN 'flag_unknown'
        WHEN $type = 'year' THEN 'year_impossible'
        WHEN $type = 'word' THEN 'word_unknown'
        WHEN $type = 'registration' THEN 'registration_format'
        WHEN $type = 'area' THEN 'area_code_unknown'
    END AS code
FROM cells
WHERE CASE
    WHEN value IS NULL THEN $required
    WHEN $type = 'won' AND to_won(value) IS NOT NULL THEN FALSE
    WHEN $type = 'count' AND to_count(value) IS NOT NULL THEN FALSE
    WHEN $type = 'number' AND to_number(value) IS NOT NULL THEN FALSE
    WHEN $type = 'rate' AND to_rate(value) IS NOT NULL THEN FALSE
    WHEN $type = 'latitude' AND to_latitude(value) IS NOT NULL THEN FALSE
    WHEN $type = 'longitude' AND to_longitude(value) IS NOT NULL THEN FALSE
    WHEN $type = 'month' AND to_month(value) IS NOT NULL THEN FALSE
    WHEN $type = 'day' AND to_day(value) IS NOT NULL THEN FALSE
    WHEN $type = 'later_day' AND to_later_day(value) IS NOT NULL THEN FALSE
    WHEN $type = 'time' AND to_time(value) IS NOT NULL THEN FALSE
    WHEN $type = 'quarter' AND to_quarter(value) IS NOT NULL THEN FALSE
    WHEN $type = 'flag' AND to_flag(value) IS NOT NULL THEN FALSE
    WHEN $type = 'year' AND to_year(value) IS NOT NULL THEN FALSE
    WHEN $type = 'registration' AND to_registration(value) IS NOT NULL THEN FALSE
    WHEN $type = 'area' AND to_area(value) IS NOT NULL THEN FALSE
    WHEN $type = 'word' AND list_contains($words, to_word(value)) THEN FALSE
    WHEN clean(value) IS NULL THEN $required
    ELSE $type NOT IN ('id', 'text', 'district', 'industry')
END
