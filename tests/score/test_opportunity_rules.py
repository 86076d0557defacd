"""Months that each component needs, and caps: the thresholds of docs/score.md, each from both sides."""

import pandas as pd
import pytest

from core import db
from core.score import opportunity
from tests.score.score_bank import AS_OF, M, Shop, bank, scored_against


def row(sales: list[float | None], **facts) -> pd.Series:
    """The score of one shop with these sales, oldest first."""
    return scored_against(bank({"b": Shop(sales, **facts)}), 0.5, 50.0).loc["b"]


def gaps(*ages: int) -> list[float | None]:
    """24 flat months without those of the given ages (0 is the newest)."""
    return [None if 23 - place in ages else M for place in range(24)]


@pytest.mark.parametrize(("months", "is_fallback"), [(14, True), (15, False)])
def test_change_is_yearly_from_fifteen_months_of_history(months: int, is_fallback: bool):
    assert ("CHANGE_FALLBACK_QOQ" in row([M] * months)["flags"]) == is_fallback


@pytest.mark.parametrize(("missing", "is_fallback"), [((12,), False), ((12, 13), True)])
def test_the_year_ago_block_needs_two_of_its_three_months(missing: tuple[int, ...], is_fallback: bool):
    scores = row(gaps(*missing))
    assert ("CHANGE_FALLBACK_QOQ" in scores["flags"]) == is_fallback
    assert scores["change_raw"] == 0


@pytest.mark.parametrize(("missing", "state"), [((1, 3), "OK"), ((1, 3, 5), "INSUFFICIENT"), ((1, 3, 6), "OK")])
def test_three_missing_of_the_last_six_months_are_too_many(missing: tuple[int, ...], state: str):
    assert row(gaps(*missing))["state"] == state


def test_the_newest_quarter_needs_two_of_its_three_months():
    scores = row(gaps(1, 2))
    assert scores[["change_raw", "season_raw"]].isna().all()
    # the weight of trend, volatility and peers is .55
    assert (scores["state"], scores["flags"]) == ("INSUFFICIENT", "WEIGHT_MISSING")


def test_weight_of_0_60_is_enough():
    # ages 0 2 3 5 7: change, season and industry are known (.30 + .15 + .15), trend and volatility are not
    scores = row([M, None, M, None, M, M, None, M])
    assert scores[["u_trend", "u_vol"]].isna().all()
    # the three utilities are .5
    assert (scores["state"], scores["score_raw"]) == ("OK", pytest.approx(50))


@pytest.mark.parametrize(("months", "known"), [(5, False), (6, True)])
def test_season_needs_three_earlier_months_and_trend_six_in_all(months: int, known: bool):
    scores = row([M] * months)
    assert pd.notna(scores["season_raw"]) == known
    assert pd.notna(scores["trend_raw"]) == known


def test_volatility_needs_four_steps_between_neighbouring_months():
    assert pd.notna(row(gaps(1, 3, 6, 8, 10))["trend_raw"])
    # ages 0 2 4 5 7 9 11: the only step is from 5 to 4
    assert pd.isna(row(gaps(1, 3, 6, 8, 10))["vol_raw"])
    # ages 0 2 4 5 6 7 8: four steps
    assert row(gaps(1, 3, 9, 10, 11))["vol_raw"] == 0


@pytest.mark.parametrize(("dpd", "cap"), [(29, None), (30, 40), (89, 40), (90, 20)])
def test_arrears_cap_the_score_from_their_day(dpd: int, cap: int | None):
    scores = row([M * 1.02**month for month in range(24)], dpd=dpd)
    assert (None if pd.isna(scores["cap"]) else scores["cap"]) == cap


def test_zero_sales_means_that_every_observed_month_is_zero():
    assert row([M] * 12 + [0] * 11 + [None])["state"] == "ZERO_SALES"
    assert row([M] * 12 + [1] + [0] * 11)["state"] == "ZERO_2M"


def test_all_businesses_of_the_bank_are_scored():
    con = bank({"b": Shop([M] * 24)})
    opportunity.score(con, AS_OF, "scores")
    # no peers: 100 (.3 x .5 + .2 x 1 + .2 x .5 + .15 x .5) / .85 = 61.76
    assert con.execute("SELECT business_id, as_of, score FROM scores").fetchall() == [("b", AS_OF, 62)]
    assert not db.has_table(con, "score_months")
