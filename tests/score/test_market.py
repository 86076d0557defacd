"""Scores of trade areas and districts by quarter: growth, unknown quarters, generations of areas."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.score import market
from tests.score.score_bank import put

SCHEMA = """
CREATE TABLE market_sales (area_code VARCHAR, generation VARCHAR, industry_code VARCHAR, category VARCHAR,
    quarter INTEGER, sales_krw BIGINT, available_on DATE);
CREATE TABLE market_areas (area_code VARCHAR, generation VARCHAR, district_code VARCHAR);
"""
WON = 1_000_000_000


def quarters(number: int, newest: int = 20244) -> list[int]:
    """The last `number` quarters as YYYYQ, oldest first."""
    last = newest // 10 * 4 + newest % 10 - 1
    return [index // 4 * 10 + index % 4 + 1 for index in range(last - number + 1, last + 1)]


def city(cells: dict[str, list[float | None]], district: str = "11680", generation: str = "3") -> db.Connection:
    """A city: sales by quarter of each area (one industry), oldest first, None where the row is absent."""
    con = db.connect()
    con.execute(SCHEMA)
    add(con, cells, district, generation)
    return con


def add(con: db.Connection, cells: dict[str, list[float | None]], district: str, generation: str = "3") -> None:
    """Add areas, with one row each in the area file."""
    put(con, "market_areas", [{"area_code": a, "generation": generation, "district_code": district} for a in cells])
    rows = [
        {"area_code": area, "generation": generation, "quarter": quarter, "sales_krw": round(value)}
        for area, values in cells.items()
        for quarter, value in zip(quarters(len(values)), values, strict=True)
        if value is not None
    ]
    put(con, "market_sales", [row | {"industry_code": "CS100001", "category": "korean_food"} for row in rows])


def newest(con: db.Connection) -> pd.DataFrame:
    """Scores of the newest quarter by area."""
    market.score(con)
    return con.execute("FROM market_scores WHERE quarter = 20244").df().set_index("area_code")


def flat(number: int = 12) -> list[float | None]:
    """The same sales every quarter."""
    return [WON] * number


def many(values: list[float | None], number: int = 12) -> dict[str, list[float | None]]:
    """The same quarters for several areas."""
    return {f"3{place:06d}": values for place in range(number)}


def test_flat_area_among_flat_areas_scores_60():
    scores = newest(city(many(flat())))
    # .5 in change, trend, season and industry, 1 in volatility: 60, as a flat business
    assert scores["score"].unique().tolist() == [60]
    assert scores["sales_yoy"].unique().tolist() == [0.0]
    points = scores[[name for name in scores if name.startswith("points_") and name != "points_shrink"]]
    np.testing.assert_allclose(points.sum(axis=1), 60)


def test_growth_is_measured_against_the_same_quarter_a_year_ago():
    growing = [WON * 1.05**quarter for quarter in range(12)]
    scores = newest(city(many(flat(), 10) | {"up": growing}))
    # ln 1.05^4 = .195 of .30 -> u = .825; trend the same .195 a year of .36 -> .771; the 1 % constant lowers both
    assert scores.loc["up", "sales_yoy"] == pytest.approx(1.05**4 - 1)
    assert scores.loc["up", "points_change"] == pytest.approx(30 * (0.5 + math.log(1.05**4) / 0.6), abs=0.2)
    assert scores.loc["up", "points_trend"] == pytest.approx(20 * (0.5 + math.log(1.05**4) / 0.72), abs=0.2)
    # the best of eleven: (10 + .5) / 11
    assert scores.loc["up", "points_industry"] == pytest.approx(15 * 10.5 / 11)


def test_absent_quarter_is_unknown_and_not_zero():
    gap, zero = flat(), flat()
    gap[-3], zero[-3] = None, 1
    scores = newest(city(many(flat(), 10) | {"gap": gap, "zero": zero}))
    assert scores.loc["gap", "score"] == 60
    assert scores.loc["zero", "score"] != 60


def test_cell_that_is_absent_now_has_no_row():
    gone = [*flat(11), None]
    assert "gone" not in newest(city(many(flat(), 10) | {"gone": gone})).index


def test_without_the_quarter_a_year_ago_the_quarter_before_is_used():
    gap = [WON] * 7 + [None] + [WON] * 3 + [WON * 1.1]
    scores = newest(city(many(flat(), 10) | {"gap": gap}))
    assert "CHANGE_FALLBACK_QOQ" in scores.loc["gap", "flags"]
    assert scores.loc["gap", "points_change"] == pytest.approx(30 * (0.5 + math.log(1.1) / 0.6), abs=0.2)
    assert pd.isna(scores.loc["gap", "sales_yoy"])


def test_too_few_quarters_are_insufficient():
    young = [None] * 8 + flat(4)
    row = newest(city(many(flat(), 10) | {"young": young})).loc["young"]
    assert row["state"] == "INSUFFICIENT"
    assert pd.isna(row["score"])


def test_city_of_four_quarters_has_its_newest_without_a_score():
    con = city(many(flat(4)))
    assert set(newest(con)["state"]) == {"INSUFFICIENT"}
    assert con.execute("SELECT DISTINCT quarter FROM market_scores").fetchall() == [(20244,)]


def test_every_quarter_with_a_year_before_it_is_scored():
    con = city(many(flat(9)))
    market.score(con)
    rows = con.execute("SELECT DISTINCT quarter FROM market_scores ORDER BY quarter").fetchall()
    assert [quarter for (quarter,) in rows] == quarters(5)


def test_score_does_not_change_when_later_quarters_arrive():
    random = np.random.default_rng(5)
    cells = {area: (WON * np.exp(random.normal(0, 0.2, 16))).tolist() for area in many(flat())}
    con = city(cells)
    market.score(con)
    query = "FROM market_scores WHERE quarter <= 20234 ORDER BY quarter, area_code"
    later = con.execute(query).df()
    con.execute("DELETE FROM market_sales WHERE quarter > 20234")
    market.score(con)
    pd.testing.assert_frame_equal(con.execute(query).df(), later)


def test_season_of_an_industry_is_removed():
    season = [1.3, 0.8, 1.0, 0.9]
    seasonal = [WON * season[place % 4] for place in range(16)]
    scores = newest(city(many(seasonal)))
    assert scores["score"].unique().tolist() == [60]
    assert "NO_SEASON_INDEX" not in scores["flags"].iloc[0]


def test_generations_are_never_mixed():
    con = city(many(flat()), generation="3")
    add(con, {"2110001": [WON * 5] * 12}, "11110", generation="2")
    assert set(newest(con).index) == set(many(flat()))


def test_sales_without_an_area_file_have_no_district_but_a_score():
    con = city(many(flat()))
    con.execute("DELETE FROM market_areas")
    scores = newest(con)
    assert scores["score"].unique().tolist() == [60]
    assert scores["district_code"].isna().all()
    assert db.count(con, "market_districts") == 0


def test_area_with_two_rows_counts_once():
    con = city(many(flat()))
    con.execute("INSERT INTO market_areas FROM market_areas")
    assert len(newest(con)) == 12


def test_without_sales_the_tables_are_empty():
    con = db.connect()
    con.execute(SCHEMA)
    assert market.score(con) == 0
    assert db.count(con, "market_districts") == 0


def district(con: db.Connection, code: str = "11680") -> dict:
    """The newest row of a district."""
    market.score(con)
    query = "FROM market_districts WHERE quarter = 20244 AND district_code = $code"
    return con.execute(query, {"code": code}).df().iloc[0].to_dict()


def test_new_cell_is_not_growth_of_its_district():
    new = [None] * 10 + [WON * 50] * 2
    row = district(city(many(flat()) | {"new": new}))
    assert row["sales_krw"] == 62 * WON
    assert (row["areas"], row["cells"]) == (13, 13)
    # the cells of a year ago have 12 of 62 parts of the sales: too little for the district
    assert math.isnan(row["growth_yoy"])
    smaller = district(city(many(flat()) | {"new": [None] * 10 + [WON] * 2}))
    assert smaller["growth_yoy"] == 0.0
    assert smaller["score"] == 62  # flat, without peers: 52.5 of 85 points


def test_cell_that_closes_is_not_a_fall_of_its_district():
    row = district(city(many(flat()) | {"gone": [WON * 50] * 10 + [None] * 2}))
    assert row["growth_yoy"] == 0.0
    assert row["sales_krw"] == 12 * WON


def test_peers_of_a_district_are_the_other_districts():
    con = city(many([WON * 1.02**quarter for quarter in range(12)]), district="11680")
    for place in range(10):
        add(con, {f"7{place}": flat()}, f"111{place}0")
    row = district(con)
    assert row["growth_yoy"] == pytest.approx(1.02**4 - 1)
    assert row["points_industry"] == pytest.approx(15 * 10.5 / 11)
    assert row["tier"] == 4


def test_real_panel_is_scored(shared_data: Path):
    con = db.connect()
    con.execute(SCHEMA)
    panel = pd.concat(pd.read_csv(file, encoding="cp949", dtype=str) for file in _sales_files(shared_data))
    columns = {"상권_코드": "area_code", "서비스_업종_코드": "industry_code", "기준_년분기_코드": "quarter"}
    sales = panel.rename(columns=columns | {"당월_매출_금액": "sales_krw"})
    sales = sales[["area_code", "industry_code", "quarter", "sales_krw"]].astype({"quarter": int, "sales_krw": "int64"})
    put(con, "market_sales", sales.assign(generation="3", category="dining").to_dict("records"))
    rows = market.score(con)
    scored = con.execute("SELECT * FROM market_scores WHERE score IS NOT NULL").df()
    assert rows > 7_000
    assert len(scored) / rows > 0.98
    # the epidemic still lowers spring 2021, no longer 2022Q4
    medians = scored.groupby("quarter")["score"].median()
    assert medians[20211] < 50 < medians[20224]


def _sales_files(shared: Path) -> list[Path]:
    return sorted((shared / "seoul" / "panel").glob("*추정매출*.csv"))
