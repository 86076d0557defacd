"""The city's files: every generation of columns, generations of area codes never mixed, absent rows unknown."""

import json
from datetime import date
from pathlib import Path

import pytest

from core import db
from core.sources import load
from core.sources.errors import FileRefusedError
from core.sources.table_of_file import recognise
from tests.conftest import SHARED
from tests.sources.small_bank import load_bank, write_files

OLD_SALES = (
    "기준_년_코드,기준_분기_코드,상권_코드,서비스_업종_코드,서비스_업종_코드_명,"
    "분기당_매출_금액,분기당_매출_건수,주중_매출_비율\n"
)
SALES = "기준_년분기_코드,상권_코드,서비스_업종_코드,당월_매출_금액,당월_매출_건수\n"
MONTHLY = "기준_년월_코드,상권_코드,상권_코드_명,서비스_업종_코드,서비스_업종_코드_명,점포_수\n"


def test_the_old_two_column_quarter_and_its_amounts_are_read(tmp_path: Path):
    city = load_bank(write_files(tmp_path, "seoul", old=OLD_SALES + "2017,3,2110001,CS100001,한식음식점,5000,12,60\n"))
    assert city.rows(
        "SELECT area_code, generation, quarter, sales_krw, sales_count, available_on FROM market_sales"
    ) == [
        # quarter end + 60 days: 30 September + 60
        ("2110001", "2", 20173, 5000, 12, date(2017, 11, 29))
    ]


@pytest.mark.parametrize("case", [str.upper, str.lower])
def test_api_names_are_read_in_either_case(tmp_path: Path, case):
    head = case(
        "stdr_yyqu_cd,trdar_cd,svc_induty_cd,thsmon_selng_amt,thsmon_selng_co,mdwk_selng_amt,agrde_60_above_selng_co"
    )
    city = load_bank(write_files(tmp_path, "seoul", api=f"{head}\n20241,3110001,CS100001,10.0,2,7,1\n"))
    assert city.rows("SELECT quarter, sales_krw, sales_count, weekday_krw, age_60_count FROM market_sales") == [
        (20241, 10, 2, 7, 1)
    ]


def test_an_amount_called_of_the_month_is_the_quarters_total(tmp_path: Path):
    city = load_bank(write_files(tmp_path, "seoul", now=SALES + "20241,3110001,CS100001,300,3\n"))
    assert city.rows("SELECT sales_krw FROM market_sales") == [(300,)]


def test_absent_cells_and_rows_stay_unknown(tmp_path: Path):
    sales = SALES + "20241,3110001,CS100001,300,\n20243,3110001,CS100001,500,5\n"
    city = load_bank(write_files(tmp_path, "seoul", now=sales))
    assert city.rows("SELECT quarter, sales_count, weekday_krw FROM market_sales ORDER BY quarter") == [
        (20241, None, None),
        (20243, 5, None),
    ]


def test_dong_sales_are_their_own_table(tmp_path: Path):
    text = "기준_년분기_코드,행정동_코드,행정동_코드_명,서비스_업종_코드,당월_매출_금액\n"
    text += "20241,11110515,청운효자동,CS100001,7\n"
    city = load_bank(write_files(tmp_path, "seoul", dong=text))
    assert city.rows("SELECT dong_code, category, quarter, sales_krw FROM market_dong_sales") == [
        ("11110515", "korean_food", 20241, 7)
    ]
    assert city.count("market_sales") == 0


def test_in_the_monthly_generation_the_industrys_name_decides_not_its_code(tmp_path: Path):
    # CS300011 is clothing today and was cosmetics then; 보육시설 has no successor.
    rows = "201810,1744,희우정로16길,CS300011,화장품,1\n201810,1744,희우정로16길,CS200007,보육시설,2\n"
    city = load_bank(write_files(tmp_path, "seoul", shops=MONTHLY + rows))
    assert city.rows("SELECT area_code, generation, industry_code, quarter, stores FROM market_stores") == [
        ("1744", "0", "CS300022", 20184, 1)
    ]
    assert city.quarantined("market_stores") == [(3, "industry_code", "보육시설", "industry_unknown", "row")]


def test_of_a_quarters_months_the_last_counts(tmp_path: Path):
    rows = "".join(f"2018{month},1744,희,CS300011,화장품,{month}\n" for month in ("10", "11", "12"))
    city = load_bank(write_files(tmp_path, "seoul", shops=MONTHLY + rows))
    assert city.rows("SELECT quarter, stores FROM market_stores") == [(20184, 12)]
    assert city.codes("market_stores") == [(2, "month_superseded"), (3, "month_superseded")]


def test_the_rarer_generation_of_area_codes_in_a_quarter_is_kept_out(tmp_path: Path):
    rows = ["20241,3110001", "20241,3110002", "20241,2110001", "20171,2110001", "20171,2110002", "20171,3110001"]
    text = SALES + "".join(f"{row},CS100001,1,1\n" for row in rows)
    city = load_bank(write_files(tmp_path, "seoul", mixed=text))
    assert city.codes("market_sales") == [(4, "area_generation_mixed"), (7, "area_generation_mixed")]
    assert city.rows("SELECT DISTINCT quarter, generation FROM market_sales ORDER BY 1") == [(20171, "2"), (20241, "3")]


def test_generations_in_files_of_their_own_both_load(tmp_path: Path):
    write_files(tmp_path, "seoul", a=SALES + "20171,2110001,CS100001,1,1\n", b=SALES + "20171,3110001,CS100001,1,1\n")
    assert load_bank(tmp_path).count("market_sales") == 2


def test_a_broken_city_row_is_reported(tmp_path: Path):
    bad = [
        ("20245,3110001,CS100001,1,1", "quarter", "quarter_impossible"),
        ("202401,3110001,CS100001,1,1", "quarter", "quarter_impossible"),
        ("20991,3110001,CS100001,1,1", "quarter", "quarter_impossible"),
        (",3110001,CS100001,1,1", "quarter", "missing"),
        ("20241,311000X,CS100001,1,1", "area_code", "area_code_unknown"),
        ("20241,3110001,,1,1", "industry_code", "missing"),
        ("20241,3110001,CS100001,-1,1", "sales_krw", "amount_negative"),
    ]
    text = SALES + "20241,3110009,CS100001,1,1\n" + "".join(f"{row}\n" for row, _, _ in bad)
    city = load_bank(write_files(tmp_path, "seoul", now=text))
    assert [(fault[0], fault[1], fault[3]) for fault in city.quarantined("market_sales")] == [
        (line, column, code) for line, (_, column, code) in enumerate(bad, start=3)
    ]
    assert city.count("market_sales") == 1


def test_the_sum_of_nine_food_industries_is_known(tmp_path: Path):
    city = load_bank(write_files(tmp_path, "seoul", now=SALES + "20241,3110001,CS100000,1,1\n"))
    assert city.rows("SELECT industry_code, category FROM market_sales") == [("CS100000", "dining")]


def test_kinds_of_files_that_are_not_used_are_recognised_and_noted(tmp_path: Path):
    text = "기준_년분기_코드,상권_코드,상권_코드_명,아파트_단지_수\n20241,3110001,이북5도청사,2\n"
    city = load_bank(write_files(tmp_path, "seoul", flats=text))
    ((code, action, reason),) = city.rows("SELECT code, action, reason FROM quarantine")
    assert (code, action) == ("file_unused", "note")
    assert "아파트" in reason


SCHEMAS = {
    "sales_2024": "market_sales",
    "stores_2024": "market_stores",
    "stores_2025_api": "market_stores",
    "foot_traffic": "market_footfall",
    "change": "market_change",
    "area": "market_areas",
    "area_2021 (신_상권 영역)": "market_areas",
    "apt": None,
    "facilities": None,
    "workers": None,
}


def test_every_published_generation_of_columns_is_recognised(shared_data: Path):
    schemas = json.loads((shared_data / "facts" / "schemas.json").read_text(encoding="utf-8"))
    legacy = next(name for name in schemas if name.startswith("legacy_sales"))
    expected = SCHEMAS | {legacy: "market_sales"}
    assert set(expected) == set(schemas)
    assert {name: _table(header) for name, header in schemas.items()} == expected


def _table(header: list[str]) -> str | None:
    try:
        return recognise("x.csv", header).table.name
    except FileRefusedError as error:
        return None if error.code == "file_unused" else error.code


def test_every_part_of_the_published_sales_columns_is_kept(shared_data: Path):
    schemas = json.loads((shared_data / "facts" / "schemas.json").read_text(encoding="utf-8"))
    columns = recognise("x.csv", schemas["sales_2024"])
    # Only the kind of area and the two names are kept out.
    assert columns.extra == ("상권_구분_코드", "상권_구분_코드_명", "상권_코드_명")
    assert len(columns.contract_columns) == len(schemas["sales_2024"]) - 3


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> db.Connection:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not here: the real city files are not part of the repository")
    raw = tmp_path_factory.mktemp("real")
    (raw / "seoul").mkdir()
    for folder in ("panel", "other"):
        for path in (SHARED / "seoul" / folder).iterdir():
            (raw / "seoul" / path.name).symlink_to(path)
    con = db.connect()
    load(con, raw)
    return con


def test_the_real_areas_are_there_with_their_districts(real: db.Connection):
    assert real.execute(
        "SELECT count(*), count(DISTINCT area_code), min(generation), max(generation), count(DISTINCT district_code), "
        "count(*) FILTER (WHERE district_code NOT IN (SELECT district_code FROM districts)) FROM market_areas"
    ).fetchall() == [(1650, 1650, "3", "3", 25, 0)]


def test_the_real_panel_has_its_rows_and_its_gaps(real: db.Connection):
    ((areas, quarters, rows, zeros),) = real.execute(
        "SELECT count(DISTINCT area_code), count(DISTINCT quarter), count(*), count(*) FILTER (WHERE sales_krw = 0) "
        "FROM market_sales"
    ).fetchall()
    # Of the 991 alley areas that data/README counts, four have no row in any quarter.
    assert (areas, quarters, rows, zeros) == (987, 12, 11639, 0)
    assert 1 - rows / (991 * quarters) == pytest.approx(0.02, abs=0.002)


def test_the_parts_of_the_real_sales_add_up_as_the_city_says(real: db.Connection):
    # data/README: weekdays and hours sum to all of it, sexes and ages to about 87 %.
    ((days, hours, sexes),) = real.execute(
        "SELECT sum(weekday_krw + weekend_krw) / sum(sales_krw), "
        "sum(h00_06_krw + h06_11_krw + h11_14_krw + h14_17_krw + h17_21_krw + h21_24_krw) / sum(sales_krw), "
        "sum(male_krw + female_krw) / sum(sales_krw) FROM market_sales"
    ).fetchall()
    assert float(days) == pytest.approx(1, abs=1e-3)
    assert float(hours) == pytest.approx(1, abs=1e-3)
    assert float(sexes) == pytest.approx(0.87, abs=0.05)


def test_only_the_file_that_is_no_published_kind_is_refused(real: db.Connection):
    faults = real.execute("SELECT file, code FROM quarantine").fetchall()
    assert faults == [("area_master_1650.csv", "not_recognised")]
    assert real.execute("SELECT sum(rows_loaded) FROM source_files").fetchall() == [(1650 + 3 * 11639 - 11639 + 42900,)]


def test_the_samples_of_each_generation_load(shared_data: Path, tmp_path: Path):
    (tmp_path / "seoul").mkdir()
    for path in (shared_data / "seoul" / "samples").iterdir():
        (tmp_path / "seoul" / path.name).symlink_to(path)
    city = load_bank(tmp_path)
    assert city.rows(
        "SELECT generation, min(quarter), max(quarter), count(*) FROM market_stores GROUP BY ALL ORDER BY 1"
    ) == [
        ("0", 20184, 20184, 193),
        ("3", 20241, 20251, 200),
    ]
    assert city.rows("SELECT quarter, count(*) FROM market_sales GROUP BY ALL ORDER BY 1") == [
        (20241, 100),
        (20251, 100),
    ]
    # Six tourist zones of the 2021 area file kept codes of the first generation.
    assert city.rows("SELECT code, count(*) FROM quarantine GROUP BY ALL ORDER BY 2, 1") == [
        ("area_generation_mixed", 6),
        ("industry_unknown", 6),
    ]
