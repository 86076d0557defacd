"""A bank's files: what breaks the contract is kept out and reported, the rest loads."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.sources.small_bank import (
    BUSINESSES,
    LOANS,
    MANAGERS,
    REVENUE,
    TABLES,
    load_all_tables,
    load_bank,
    load_core_tables,
    write_files,
)


def _revenue(*cells: str) -> str:
    """A revenue file of B1 with one row for each pair month,amount."""
    return "business_id,month,revenue_krw\n" + "".join(f"B1,{cell}\n" for cell in cells)


def test_a_clean_bank_loads_whole_and_without_a_fault(tmp_path: Path):
    bank = load_all_tables(tmp_path)
    lines = {table: text.count("\n") - 1 for table, text in TABLES.items()}
    assert {table: bank.count(table) for table in TABLES} == lines
    assert bank.count("quarantine") == 0


def test_a_business_gets_its_category_family_and_region(tmp_path: Path):
    assert load_core_tables(tmp_path).rows(
        "SELECT business_id, category, family, district_code, region FROM businesses ORDER BY 1"
    ) == [
        ("B1", "korean_food", "food", "11110", "R2"),
        ("B2", "health", "services", "11680", "R1"),
        ("B3", "home_goods", "retail", "11740", "R4"),
    ]


def test_a_row_is_known_at_month_end_unless_the_file_says_when(tmp_path: Path):
    revenue = "business_id,month,revenue_krw,available_at\nB1,2024-01,1,\nB1,2024-02,1,2024-03-05\n"
    bank = load_core_tables(tmp_path, revenue=revenue)
    assert bank.rows("SELECT available_on FROM revenue ORDER BY month") == [(date(2024, 1, 31),), (date(2024, 3, 5),)]


def test_events_are_known_on_their_day(tmp_path: Path):
    bank = load_all_tables(tmp_path)
    assert bank.rows("SELECT available_on FROM contacts") == [(date(2024, 1, 5),)]
    assert bank.rows("SELECT available_on FROM loans") == [(date(2023, 1, 10),)]


def test_an_amount_that_is_no_whole_won_is_kept_out_and_reported(tmp_path: Path):
    bad = [
        ("-5", "revenue_negative"),
        ('"-1,234"', "revenue_negative"),
        ('"1,234"', "amount_thousands"),
        ('"1,234,567.00"', "amount_thousands"),
        ("12.5", "amount_decimal"),
        ("1e5", "amount_text"),
        ("천원", "amount_text"),
        ("1_000", "amount_text"),
        ("0x10", "amount_text"),
        ("NaN", "amount_text"),
        ("₩500", "amount_text"),
        ("99999999999999999999", "amount_huge"),
        ("", "missing"),
        ("  ", "missing"),
    ]
    rows = [f"20{year}-01,{amount}" for year, (amount, _) in enumerate(bad, start=10)]
    bank = load_core_tables(tmp_path, revenue=_revenue("2024-01,100", *rows, "2024-03,300"))
    assert bank.codes("revenue") == [(line, code) for line, (_, code) in enumerate(bad, start=3)]
    assert bank.rows("SELECT sum(revenue_krw), count(*) FROM revenue") == [(400, 2)]


def test_a_whole_amount_is_read_as_it_is(tmp_path: Path):
    texts = {"12345": 12345, "12345.0": 12345, "12345.": 12345, " 7 ": 7, "0": 0, "1000000000000000": 10**15}
    rows = (f"2024-0{month},{text}" for month, text in enumerate(texts, start=1))
    bank = load_core_tables(tmp_path, revenue=_revenue(*rows))
    assert bank.rows("SELECT revenue_krw FROM revenue ORDER BY month") == [(won,) for won in texts.values()]


def test_an_impossible_month_is_kept_out_and_reported(tmp_path: Path):
    bad = [
        ("45123", "date_serial"),
        ("45123.0", "date_serial"),
        ("2024-13", "date_impossible"),
        ("202400", "date_impossible"),
        ("2024-02-30", "date_impossible"),
        ("2024-01-15", "date_impossible"),
        ("1989-12", "date_too_early"),
        ("2190-01", "date_future"),
        ("Jan 2024", "date_text"),
        ("24-01", "date_text"),
    ]
    bank = load_core_tables(tmp_path, revenue=_revenue("2023-01,1", *(f"{month},2" for month, _ in bad)))
    assert bank.quarantined("revenue") == [
        (line, "month", month, code, "row") for line, (month, code) in enumerate(bad, start=3)
    ]
    assert bank.count("revenue") == 1


def test_a_month_may_be_spelt_in_many_ways(tmp_path: Path):
    spellings = [
        "2024-01",
        "202402",
        "2024.03",
        "2024/04",
        "2024-05-01",
        "20240630",
        "2024-07-31",
        "2024-08-01 00:00:00",
    ]
    bank = load_core_tables(tmp_path, revenue=_revenue(*(f"{month},1" for month in spellings)))
    assert bank.rows("SELECT month(month) FROM revenue ORDER BY month") == [(number,) for number in range(1, 9)]


def test_a_row_with_a_spreadsheet_serial_for_a_day_is_kept_out(tmp_path: Path):
    bank = load_all_tables(tmp_path, loans=LOANS.replace("2023-01-10,2028", "44936,2028"))
    assert bank.quarantined("loans") == [(2, "opened_on", "44936", "date_serial", "row")]


def test_a_bad_optional_cell_becomes_unknown_and_its_row_stays(tmp_path: Path):
    revenue = "business_id,month,revenue_krw,sales_count\nB1,2024-01,100,many\n"
    bank = load_core_tables(tmp_path, revenue=revenue)
    assert bank.quarantined("revenue") == [(2, "sales_count", "many", "count_text", "value")]
    assert bank.rows("SELECT revenue_krw, sales_count FROM revenue") == [(100, None)]


def test_a_row_with_two_faults_is_reported_twice_and_kept_out_once(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue=_revenue("2024-13,-5", "2024-01,1"))
    assert bank.codes("revenue") == [(2, "date_impossible"), (2, "revenue_negative")]
    assert bank.rows(
        "SELECT rows_read, rows_loaded, rows_quarantined FROM source_files WHERE file = 'revenue.csv'"
    ) == [(2, 1, 1)]


def test_identical_rows_load_once_and_differing_rows_of_one_key_not_at_all(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue=_revenue("2024-01,1", "2024-02,2", "202401,1.0", "2024-02,3"))
    assert bank.codes("revenue") == [(3, "duplicate_conflict"), (4, "duplicate_same"), (5, "duplicate_conflict")]
    assert bank.rows("SELECT month, revenue_krw FROM revenue") == [(date(2024, 1, 1), 1)]


def test_rows_of_one_key_in_two_files_are_compared(tmp_path: Path):
    write_files(tmp_path, **TABLES, later=_revenue("2024-02,2000", "2024-03,5"), revised=_revenue("2024-01,9"))
    bank = load_bank(tmp_path)
    faults = bank.rows("SELECT file, line, code FROM quarantine WHERE code LIKE 'duplicate%' ORDER BY file, line")
    # revenue.csv holds 2024-01 = 1000 and 2024-02 = 2000 of B1; files are taken in order of their names.
    assert faults == [
        ("revenue.csv", 2, "duplicate_conflict"),
        ("revenue.csv", 3, "duplicate_same"),
        ("revised.csv", 2, "duplicate_conflict"),
    ]


def test_revenue_of_an_unknown_business_is_kept_out(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue=REVENUE + "B9,2024-01,5\n")
    assert bank.quarantined("revenue") == [(6, "business_id", "B9", "business_unknown", "row")]


def test_rows_of_a_business_that_is_kept_out_are_kept_out_too(tmp_path: Path):
    bank = load_all_tables(tmp_path, businesses=BUSINESSES.replace("CS100001", "XX"))
    assert bank.codes("businesses") == [(2, "industry_unknown")]
    assert bank.codes("revenue") == [(2, "business_unknown"), (3, "business_unknown")]
    assert bank.codes("loans") == [(2, "business_unknown")]


def test_a_repayment_of_an_unknown_loan_is_kept_out(tmp_path: Path):
    bank = load_all_tables(tmp_path, repayments=TABLES["repayments"] + "L9,2024-01,1,1,0\n")
    assert bank.codes("repayments") == [(3, "loan_unknown")]


def test_a_payment_need_not_name_a_business(tmp_path: Path):
    bank = load_all_tables(tmp_path, payments=TABLES["payments"].replace(",B1,", ",,"))
    assert bank.rows("SELECT business_id FROM payments") == [(None,)]


@pytest.mark.parametrize(
    ("table", "old", "new", "column", "code"),
    [
        ("businesses", "R1,open\nB2", ",open\nB2", "manager_id", "missing"),
        ("businesses", "R1,open\nB2", "R9,open\nB2", "manager_id", "manager_unknown"),
        ("businesses", "11110", "99999", "district_code", "district_unknown"),
        ("businesses", "11110", "", "district_code", "location_missing"),
        ("businesses", "CS100001", "X123", "industry_code", "industry_unknown"),
        ("businesses", "CS100001", "CS900001", "industry_code", "industry_unknown"),
        ("businesses", "R1,open\nB2", "R1,abierto\nB2", "status", "word_unknown"),
        ("loans", "0.045", "4.5", "annual_rate", "rate_percent"),
        ("loans", "annuity,", "annuity,2020-01-01", "closed_on", "closed_before_opened"),
        ("holdings", "2023-01-10,,", "2023-01-10,,2022-01-01", "closed_on", "closed_before_opened"),
        ("repayments", ",0\n", ",-3\n", "days_past_due", "count_negative"),
        ("contacts", ",0\n", ",2\n", "complaint", "flag_unknown"),
        ("contacts", "2024-01-05 10", "2024-01-45 10", "at", "date_impossible"),
        ("interactions", "viewed", "liked", "action", "word_unknown"),
        ("suitability", ",loan", ",deposit", "kind", "word_unknown"),
        ("suitability", "2025-05-31", "2023-05-31", "expires_on", "expired_before_recorded"),
        ("payments", ",1\n", ",yes\n", "succeeded", "flag_unknown"),
    ],
)
def test_a_broken_rule_is_reported_with_column_and_line(
    tmp_path: Path, table: str, old: str, new: str, column: str, code: str
):
    broken = TABLES[table].replace(old, new, 1)
    assert broken != TABLES[table]
    faults = [row for row in load_all_tables(tmp_path, **{table: broken}).quarantined(table) if row[4] == "row"]
    assert [(row[0], row[1], row[3]) for row in faults] == [(2, column, code)]


def test_an_unknown_code_of_a_known_family_goes_to_the_family_with_one_note(tmp_path: Path):
    text = BUSINESSES.replace("CS100001", "CS100099").replace("CS200006", "CS299999").replace("CS300021", "cs300098")
    bank = load_core_tables(tmp_path, businesses=text)
    assert bank.rows("SELECT industry_code, category, family FROM businesses ORDER BY business_id") == [
        ("CS100099", "dining", "food"),
        ("CS299999", "life_services", "services"),
        ("CS300098", "home_goods", "retail"),
    ]
    notes = [row for row in bank.quarantined("businesses") if row[3] == "industry_by_family"]
    assert [(row[2], row[4]) for row in notes] == [("CS100099", "note"), ("CS299999", "note"), ("cs300098", "note")]


@pytest.mark.parametrize(
    ("ksic", "industry"), [("56111", "CS100001"), ("I56191", "CS100005"), ("5622", "CS100010"), ("S96112", "CS200028")]
)
def test_a_ksic_code_is_translated_by_its_longest_prefix(tmp_path: Path, ksic: str, industry: str):
    bank = load_core_tables(tmp_path, businesses=BUSINESSES.replace("CS100001", ksic))
    assert bank.rows("SELECT industry_code FROM businesses WHERE business_id = 'B1'") == [(industry,)]


def test_a_coordinate_gives_the_district_and_a_row_outside_seoul_is_kept_out(tmp_path: Path):
    head = "business_id,name,industry_code,lat,lon,opened_on,customer_since,manager_id,status\n"
    row = "{},가,CS100001,{},{},2015-03-02,2016-01-04,R1,open\n"
    text = head + row.format("B1", "37.5665", "126.9780") + row.format("B2", "35.1796", "129.0756")
    text += row.format("B3", "126.9780", "37.5665") + row.format("B4", "37.5665", "")
    bank = load_core_tables(tmp_path, businesses=text)
    assert bank.rows("SELECT business_id, district_code, region FROM businesses") == [("B1", "11140", "R1")]
    rejected = [(row[0], row[3]) for row in bank.quarantined("businesses") if row[4] == "row"]
    assert rejected == [(3, "coordinate_outside"), (4, "location_missing"), (5, "location_missing")]
    values = [(row[0], row[3]) for row in bank.quarantined("businesses") if row[4] == "value"]
    assert values == [(4, "coordinate_outside"), (4, "coordinate_outside"), (5, "coordinate_half")]


def test_a_trade_area_gives_the_district(tmp_path: Path):
    areas = (
        "상권_구분_코드,상권_구분_코드_명,상권_코드,상권_코드_명,엑스좌표_값,와이좌표_값,자치구_코드,자치구_코드_명,행정동_코드,행정동_코드_명,영역_면적\n"
        "A,골목상권,3110008,배화,197093,453418,11110,종로구,11110515,청운효자동,149264\n"
    )
    write_files(tmp_path, "seoul", areas=areas)
    head = "business_id,name,industry_code,trade_area_code,opened_on,customer_since,manager_id,status\n"
    row = "{},가,CS100001,{},2015-03-02,2016-01-04,R1,open\n"
    # The same place had another code in the older generation: codes are never joined across generations.
    bank = load_core_tables(tmp_path, businesses=head + row.format("B1", "3110008") + row.format("B2", "2110008"))
    assert bank.rows("SELECT business_id, district_code, trade_area_code FROM businesses") == [
        ("B1", "11110", "3110008")
    ]
    assert bank.codes("businesses") == [(3, "trade_area_unknown")]


def test_without_a_managers_file_managers_are_named_by_their_number(tmp_path: Path):
    write_files(tmp_path, **{name: text for name, text in TABLES.items() if name != "managers"})
    bank = load_bank(tmp_path)
    assert bank.rows("SELECT manager_id, name, branch FROM managers") == [("R1", "R1", None)]
    assert [row[3] for row in bank.quarantined("managers")] == ["managers_derived"]
    assert bank.rows("SELECT source_table FROM absent_tables WHERE source_table = 'managers'") == [("managers",)]


def test_tables_without_a_file_are_empty_and_listed(tmp_path: Path):
    bank = load_bank(write_files(tmp_path, managers=MANAGERS, businesses=BUSINESSES, revenue=REVENUE))
    absent = {row[0] for row in bank.rows("SELECT source_table FROM absent_tables")}
    assert {"balances", "loans", "payments", "market_sales"} <= absent
    assert not {"businesses", "revenue", "managers"} & absent
    assert bank.count("balances") == 0


def test_revenue_without_businesses_is_refused_as_a_file_not_row_by_row(tmp_path: Path):
    bank = load_bank(write_files(tmp_path, revenue=REVENUE))
    ((code, reason),) = bank.rows("SELECT code, reason FROM quarantine")
    assert code == "parent_missing"
    assert "needs businesses" in reason


def test_extra_columns_are_not_used_and_noted(tmp_path: Path):
    bank = load_core_tables(tmp_path, revenue="business_id,vat,month,revenue_krw\nB1,9,2024-01,1\n")
    assert bank.quarantined("revenue") == [(1, None, "vat", "extra_columns", "note")]
    assert bank.rows("SELECT revenue_krw FROM revenue") == [(1,)]


def test_registration_numbers_are_ten_digits_and_all_zeros_is_none(tmp_path: Path):
    text = BUSINESSES.replace("123-45-67891", "123-45-678").replace("나래의원,,", "나래의원,0000000000,")
    bank = load_core_tables(tmp_path, businesses=text)
    assert bank.codes("businesses") == [(2, "registration_format"), (3, "registration_format")]
    assert bank.count("businesses") == 3


def test_a_wrong_check_digit_is_one_note_a_file_and_costs_nothing(tmp_path: Path):
    # 1*1+2*3+3*7+4*1+5*3+6*7+7*1+8*3+9*5 + floor(45/10) = 169 -> check digit (10 - 9) % 10 = 1, so ...90 is wrong
    text = BUSINESSES.replace("123-45-67891", "123-45-67890").replace("나래의원,,", "나래의원,1234567892,")
    bank = load_core_tables(tmp_path, businesses=text)
    assert bank.quarantined("businesses") == [(2, "registration_no", "123-45-67890", "registration_checksum", "note")]
    assert bank.rows("SELECT registration_no FROM businesses WHERE business_id = 'B1'") == [("1234567890",)]


def test_parquet_loads_with_its_types_and_with_text(tmp_path: Path):
    write_files(tmp_path, **{name: text for name, text in TABLES.items() if name != "revenue"})
    rows = pd.DataFrame({"business_id": ["B1", "B2"], "month": pd.to_datetime(["2024-01-01", "2024-02-01"])})
    rows.assign(month=rows["month"].dt.date, revenue_krw=[5, -6]).to_parquet(tmp_path / "bank" / "one.parquet")
    rows.assign(month=["2024-03", "2024-04"], revenue_krw=["7", "8.0"]).to_parquet(tmp_path / "bank" / "two.parquet")
    rows.assign(month=rows["month"] + pd.DateOffset(months=6), revenue_krw=[9.0, 1.5]).to_parquet(
        tmp_path / "bank" / "x.pq"
    )
    bank = load_bank(tmp_path)
    assert bank.rows("SELECT sum(revenue_krw), count(*) FROM revenue") == [(29, 4)]
    faults = bank.rows("SELECT file, line, code FROM quarantine WHERE source_table = 'revenue' ORDER BY file")
    assert faults == [("one.parquet", 2, "revenue_negative"), ("x.pq", 2, "amount_decimal")]


def test_a_workbook_loads_with_real_dates_and_numbers_and_reports_the_sheets_lines(tmp_path: Path):
    write_files(tmp_path, **{name: text for name, text in TABLES.items() if name != "revenue"})
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (
        ["business_id", "month", "revenue_krw"],
        ["B1", date(2024, 1, 1), 100],
        [None, None, None],
        ["B1", date(2024, 2, 1), 200.0],
        ["B1", 45352, 300],
        ["B1", "2024-04", "1,234", "stray"],
        ["B1", date(2024, 5, 1), -1],
    ):
        sheet.append(row)
    workbook.save(tmp_path / "bank" / "revenue.xlsx")
    bank = load_bank(tmp_path)
    assert bank.rows("SELECT sum(revenue_krw), count(*) FROM revenue") == [(300, 2)]
    assert bank.codes("revenue") == [(5, "date_serial"), (6, "ragged_line"), (7, "revenue_negative")]


def test_every_quarantined_row_says_what_to_do(tmp_path: Path):
    revenue = _revenue("2024-13,-5", "45123,x", "2024-01,1", "2024-01,2") + "B9,2024-01,1\n"
    bank = load_core_tables(tmp_path, revenue=revenue)
    reasons = bank.rows("SELECT DISTINCT reason FROM quarantine WHERE action = 'row'")
    assert len(reasons) == 6
    assert all(";" in reason for (reason,) in reasons)
