"""The seasonal index recovers a planted season, is 0 without two years of data, and is the same after saving."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.calendar import month_ends
from core.score import season
from tests.score.score_bank import AS_OF, M, Shop, bank, put, scored

FIXED = np.array([-0.10, -0.15, 0, 0.05, 0.10, 0, -0.05, -0.10, 0, 0.10, 0.05, 0.10])
PER_DAY = -0.04
ENDS = month_ends(AS_OF, 72)


def true_season() -> np.ndarray:
    """ln of the planted season, month by month; there is half a holiday per month on average."""
    days = season.holiday_days(pd.Series([end.year * 12 + end.month - 1 for end in ENDS])).to_numpy()
    return FIXED[[end.month - 1 for end in ENDS]] + PER_DAY * (days - 0.5)


@pytest.fixture
def seasonal() -> db.Connection:
    """150 shops in R1 with the season, an epidemic in spring 2020, and ten in R2 with a season of their own."""
    random = np.random.default_rng(3)
    planted = true_season()
    shops = {}
    for place in range(160):
        noise = random.normal(0, 0.03, 72).cumsum() + random.normal(0, 0.1, 72)
        noise[14:20] -= 0.4
        sales = M * np.exp((planted if place < 150 else -planted) + noise)
        shops[f"b{place:03d}"] = Shop(sales.tolist(), region="R1" if place < 150 else "R2")
    con = bank(shops)
    season.create_index(con, AS_OF)
    return con


def index(con: db.Connection, region: str) -> np.ndarray:
    """ln SI of the 72 months."""
    params = {"region": region, "last": AS_OF}
    rows = con.execute(
        "SELECT ln_si FROM season_index WHERE region = $region AND month <= $last ORDER BY month", params
    )
    return np.array([row[0] for row in rows.fetchall()])


def test_season_and_moving_holidays_are_recovered(seasonal: db.Connection):
    np.testing.assert_allclose(index(seasonal, "R1"), true_season(), atol=0.035)
    rate = seasonal.execute("SELECT value FROM season_info WHERE key = 'holiday_day.korean_food'").fetchall()[0][0]
    assert float(rate) == pytest.approx(PER_DAY, abs=0.01)


def test_month_with_the_holiday_differs_from_the_same_month_without(seasonal: db.Connection):
    # Lunar New Year was in February 2024 and in January 2023
    by_month = dict(zip(ENDS, index(seasonal, "R1"), strict=True))
    assert by_month[date(2024, 2, 29)] - by_month[date(2023, 2, 28)] == pytest.approx(3 * PER_DAY, abs=0.03)


def test_small_cell_is_shrunk_to_its_category(seasonal: db.Connection):
    # 10 of 100 businesses: 0.1 of the opposite season, 0.9 of the category's
    whole, small = index(seasonal, ""), index(seasonal, "R2")
    assert np.corrcoef(whole, small)[0, 1] > 0.9
    assert np.abs(small).max() < np.abs(whole).max()


def test_index_covers_two_years_ahead_and_has_mean_0_over_a_year(seasonal: db.Connection):
    first, last = seasonal.execute("SELECT min(month), max(month) FROM season_index").fetchall()[0]
    assert (first, last) == (date(2019, 1, 1), date(2026, 12, 1))
    yearly = index(seasonal, "R1").reshape(6, 12).mean(axis=1)
    np.testing.assert_allclose(yearly, 0, atol=1e-6)


def test_index_ignores_what_was_not_known(seasonal: db.Connection):
    before = seasonal.execute("FROM season_info ORDER BY key").fetchall()
    season.create_index(seasonal, date(2023, 12, 31))
    early = index(seasonal, "R1")
    seasonal.execute("UPDATE revenue SET revenue_krw = 1 WHERE month > DATE '2023-12-31'")
    late = {"month": date(2018, 12, 1), "revenue_krw": 1, "available_on": date(2024, 1, 5)}
    put(seasonal, "revenue", [{"business_id": f"b{place:03d}"} | late for place in range(160)])
    season.create_index(seasonal, date(2023, 12, 31))
    np.testing.assert_array_equal(index(seasonal, "R1"), early)
    assert seasonal.execute("FROM season_info ORDER BY key").fetchall() != before


def test_less_than_two_years_give_no_season():
    con = bank({"b": Shop([M] * 23), "c": Shop([2 * M] * 12)})
    season.create_index(con, AS_OF)
    assert con.execute("SELECT DISTINCT ln_si FROM season_index").fetchall() == [(0.0,)]
    facts = dict(con.execute("FROM season_info").fetchall())
    assert (facts["estimated"], facts["months"]) == ("False", "23")


def test_bank_without_businesses_has_an_empty_index():
    con = bank({})
    assert season.create_index(con, AS_OF) == 0
    assert scored(con).empty


def test_saved_copy_gives_the_same_scores(tmp_path: Path):
    con = bank({f"b{place}": Shop([M + place * 1000] * 30) for place in range(12)})
    season.create_index(con, AS_OF)
    before = scored(con), con.execute("FROM season_index ORDER BY ALL").fetchall()
    season.save(con, tmp_path / "season.jsonl")
    con.execute("DROP TABLE season_index; DROP TABLE season_info")
    season.load(con, tmp_path / "season.jsonl")
    assert con.execute("FROM season_index ORDER BY ALL").fetchall() == before[1]
    assert scored(con).equals(before[0])
