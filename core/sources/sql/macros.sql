-- Macros that read the text of a cell: to_x(v) is its value, NULL where the cell is empty or breaks the contract;
-- fault_x(v) is the code of what is wrong with it (faults.toml). The first branch of a macro takes the usual spelling,
-- tested by a cast there and back: far cheaper than a regular expression. trim() without a list of characters is eight
-- times as fast as with one.
CREATE OR REPLACE TEMP MACRO clean(V) AS nullif(trim(v), '');

CREATE OR REPLACE TEMP MACRO to_text(V) AS clean(v);

CREATE OR REPLACE TEMP MACRO whole(V, MOST) AS CASE
    WHEN
        CAST(try_cast(v AS BIGINT) AS VARCHAR) = v AND try_cast(v AS BIGINT) BETWEEN 0 AND most
        THEN try_cast(v AS BIGINT)
    WHEN
        regexp_full_match(clean(v), '\d{1,15}(\.0*)?')
        AND try_cast(split_part(clean(v), '.', 1) AS BIGINT) <= most
        THEN try_cast(split_part(clean(v), '.', 1) AS BIGINT)
END;
-- 10^15 won is a thousand times the sales of the largest trade area: more is an error, and sums must not overflow.
CREATE OR REPLACE TEMP MACRO to_won(V) AS whole(v, 1000000000000000);
CREATE OR REPLACE TEMP MACRO to_count(V) AS whole(v, 2000000000);
CREATE OR REPLACE TEMP MACRO to_number(V) AS CASE
    WHEN regexp_full_match(clean(v), '\d{1,15}(\.\d*)?([eE][-+]?\d{1,2})?') THEN try_cast(clean(v) AS DOUBLE)
END;
CREATE OR REPLACE TEMP MACRO to_rate(V) AS CASE WHEN to_number(v) < 1 THEN to_number(v) END;
CREATE OR REPLACE TEMP MACRO to_latitude(V) AS CASE WHEN to_number(v) BETWEEN 32 AND 40 THEN to_number(v) END;
CREATE OR REPLACE TEMP MACRO to_longitude(V) AS CASE WHEN to_number(v) BETWEEN 123 AND 133 THEN to_number(v) END;
CREATE OR REPLACE TEMP MACRO to_flag(V) AS CASE
    WHEN v = '0' THEN 0
    WHEN v = '1' THEN 1
    WHEN regexp_full_match(lower(clean(v)), '0\.0*|0|false') THEN 0
    WHEN regexp_full_match(lower(clean(v)), '1\.0*|1|true') THEN 1
END;
CREATE OR REPLACE TEMP MACRO to_choice(V) AS lower(clean(v));
CREATE OR REPLACE TEMP MACRO to_year(V) AS CASE
    WHEN whole(v, 9999) BETWEEN 1900 AND year(getvariable('today')) THEN CAST(whole(v, 9999) AS INTEGER)
END;
CREATE OR REPLACE TEMP MACRO to_registration(V) AS CASE
    WHEN regexp_full_match(replace(clean(v), '-', ''), '\d{10}') AND replace(clean(v), '-', '') <> '0000000000'
        THEN replace(clean(v), '-', '')
END;

-- Days: 2024-03-31, 20240331, 2024.03.31, 2024/03/31, each with or without a time behind it.
CREATE OR REPLACE TEMP MACRO any_day(V) AS CASE
    WHEN length(v) IN (10, 19) AND substr(v, 5, 1) = '-' AND substr(v, 8, 1) = '-' AND substr(v, 14, 1) IN ('', ':')
        THEN try_cast(left(v, 10) AS DATE)
    ELSE try_cast(nullif(regexp_replace(
        clean(v), '^(\d{4})([-./]?)(\d{2})([-./]?)(\d{2})([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$', '\1-\3-\5'
    ), clean(v)) AS DATE)
END;
CREATE OR REPLACE TEMP MACRO to_day(V) AS CASE
    WHEN any_day(v) BETWEEN DATE '1900-01-01' AND getvariable('today') THEN any_day(v)
END;
CREATE OR REPLACE TEMP MACRO to_later_day(V) AS CASE
    WHEN any_day(v) BETWEEN DATE '1900-01-01' AND DATE '2150-12-31' THEN any_day(v)
END;

-- Months: 2024-03, 202403, 2024.03, 2024/03, or their first or last day (a date cell of a spreadsheet).
CREATE OR REPLACE TEMP MACRO any_month(V) AS CASE
    WHEN length(v) = 7 AND substr(v, 5, 1) = '-' THEN try_cast(v || '-01' AS DATE)
    WHEN length(v) = 10 AND substr(v, 5, 1) = '-' AND right(v, 3) = '-01' THEN try_cast(v AS DATE)
    WHEN regexp_full_match(clean(v), '\d{4}[-./]?\d{2}')
        THEN try_cast(left(clean(v), 4) || '-' || right(clean(v), 2) || '-01' AS DATE)
    WHEN any_day(v) = date_trunc('month', any_day(v)) OR any_day(v) = last_day(any_day(v))
        THEN CAST(date_trunc('month', any_day(v)) AS DATE)
END;
CREATE OR REPLACE TEMP MACRO to_month(V) AS CASE
    WHEN any_month(v) BETWEEN DATE '1990-01-01' AND getvariable('today') THEN any_month(v)
END;

CREATE OR REPLACE TEMP MACRO any_time(V) AS CASE
    WHEN length(v) = 19 AND substr(v, 5, 1) = '-' AND substr(v, 8, 1) = '-' AND substr(v, 14, 1) = ':'
        THEN try_cast(v AS TIMESTAMP)
    WHEN any_day(v) IS NOT NULL THEN try_cast(
        CAST(any_day(v) AS VARCHAR)
        || ' '
        || coalesce(nullif(regexp_extract(clean(v), '\d{2}:\d{2}(:\d{2}(\.\d+)?)?$'), ''), '00:00')
        AS TIMESTAMP
    )
END;
CREATE OR REPLACE TEMP MACRO to_time(V) AS CASE
    WHEN any_time(v) >= TIMESTAMP '1990-01-01' AND any_time(v) < getvariable('today') + INTERVAL 1 DAY THEN any_time(v)
END;

-- Quarters: 20241 (the city's spelling).
CREATE OR REPLACE TEMP MACRO to_quarter(V) AS CASE
    WHEN
        regexp_full_match(v, '(19|20)\d{2}[1-4]')
        AND make_date(CAST(left(v, 4) AS INTEGER), CAST(right(v, 1) AS INTEGER) * 3 - 2, 1)
        BETWEEN DATE '1990-01-01' AND getvariable('today')
        THEN CAST(v AS INTEGER)
END;
CREATE OR REPLACE TEMP MACRO quarter_end(Q) AS last_day(make_date(q // 10, (q % 10) * 3, 1));
-- Area codes carry their generation in the first of seven digits; older codes were shorter.
CREATE OR REPLACE TEMP MACRO to_area(V) AS CASE
    WHEN regexp_full_match(v, '[123]\d{6}') THEN v
    WHEN regexp_full_match(v, '\d{1,5}') THEN v
    WHEN regexp_full_match(v, '([123]\d{6}|\d{1,5})\.0') THEN split_part(v, '.', 1)
END;
CREATE OR REPLACE TEMP MACRO generation(CODE) AS CASE WHEN length(code) = 7 THEN left(code, 1) ELSE '0' END;

-- A five-digit number where a date belongs is a spreadsheet's day count: 45123 is 2023-07-16.
CREATE OR REPLACE TEMP MACRO is_serial(V) AS regexp_full_match(clean(v), '[2-6]\d{4}(\.\d+)?');
CREATE OR REPLACE TEMP MACRO fault_amount(V) AS CASE
    WHEN regexp_full_match(clean(v), '-\s*\d+(\.\d*)?|-\d{1,3}(,\d{3})+(\.\d*)?|\(\d[\d,.]*\)') THEN 'amount_negative'
    WHEN regexp_full_match(clean(v), '\d{1,3}(,\d{3})+(\.\d*)?') THEN 'amount_thousands'
    WHEN regexp_full_match(clean(v), '\d+\.0*|\d+') THEN 'amount_huge'
    WHEN regexp_full_match(clean(v), '\d*\.\d+') THEN 'amount_decimal'
    ELSE 'amount_text'
END;
CREATE OR REPLACE TEMP MACRO fault_date(V, PARSED, FIRST) AS CASE
    WHEN is_serial(v) THEN 'date_serial'
    WHEN parsed < first THEN 'date_too_early'
    WHEN parsed IS NOT NULL THEN 'date_future'
    WHEN regexp_full_match(clean(v), '\d{4}[-./]?\d{1,2}([-./]?\d{1,2})?([ T].*)?') THEN 'date_impossible'
    ELSE 'date_text'
END;
CREATE OR REPLACE TEMP MACRO fault_number(V) AS CASE
    WHEN regexp_full_match(clean(v), '-\d+(\.\d*)?') THEN 'number_negative'
    ELSE 'number_text'
END;
-- The day the bank (or the public) knew a row: as delivered, else the documented lag after the day it is about.
CREATE OR REPLACE TEMP MACRO known_on(AVAILABLE_AT, ABOUT) AS
coalesce(to_day(available_at), CAST(about + getvariable('lag_days') AS DATE));
-- Check digit of a business registration number: weights 1 3 7 1 3 7 1 3 5, and the tens of the ninth product again.
-- Source: package stdnum (npm), src/kr/brn.ts.
CREATE OR REPLACE TEMP MACRO digit(NUMBER, PLACE) AS CAST(substr(number, place, 1) AS INTEGER);
CREATE OR REPLACE TEMP MACRO checksum_holds(NUMBER) AS digit(number, 10) = (10 - (
    digit(number, 1) + 3 * digit(number, 2) + 7 * digit(number, 3) + digit(number, 4) + 3 * digit(number, 5)
    + 7 * digit(number, 6)
    + digit(number, 7)
    + 3 * digit(number, 8)
    + 5 * digit(number, 9)
    + (5 * digit(number, 9))
    // 10
) % 10) % 10;
