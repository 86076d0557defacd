"""An exit rule is checked against the served build: met, worse, still on, unknown or gone; never closed by itself."""

from datetime import date

import pandas as pd
import pytest

from core.desk import watch_list
from core.desk.watch_list import Rule
from tests.desk.conftest import KIM, SHOP

TODAY = date(2025, 1, 10)
START = {"build_id": "b1", "as_of": date(2024, 12, 31), "state": "OK", "tier": 2, "score": 30, "pd_12m": 0.03}


def entry(rule: Rule, **start):
    at_start = START | start
    figures = {f"start_{name}": at_start[name] for name in ("state", "tier", "score")}
    return vars(rule) | figures | {"rule": rule.code, "start_pd": at_start["pd_12m"]}


def now(**changes):
    status = START | changes
    return {f"now_{name}": status[name] for name in ("state", "tier", "score")} | {"now_pd": status["pd_12m"]}


@pytest.mark.parametrize(
    ("rule", "changes", "verdict"),
    [
        (Rule("tier_at_least", 3), {"tier": 3}, "met"),
        (Rule("tier_at_least", 3), {"tier": 2}, "on"),
        (Rule("tier_at_least", 3), {"tier": None}, "unknown"),
        (Rule("pd_below", 0.02), {"pd_12m": 0.019}, "met"),
        (Rule("pd_below", 0.02), {"pd_12m": 0.02}, "on"),
        (Rule("pd_below", 0.02), {"pd_12m": float("nan")}, "unknown"),
        (Rule("score_up", 10), {"score": 40}, "met"),
        (Rule("score_up", 10), {"score": 39}, "on"),
        (Rule("until", until_on=TODAY), {}, "met"),
        (Rule("until", until_on=date(2025, 1, 11)), {}, "on"),
        (Rule("tier_at_least", 3), {"tier": 1}, "worse"),
        (Rule("tier_at_least", 3), {"state": "ZERO_SALES"}, "worse"),
        (Rule("tier_at_least", 3), {"state": "CLOSED", "tier": None, "pd_12m": None}, "worse"),
        (Rule("tier_at_least", 3), {"pd_12m": 0.045}, "worse"),  # 1.5 times .03, and at least .04
        (Rule("tier_at_least", 3), {"pd_12m": 0.0449}, "on"),
        (Rule("until", until_on=TODAY), {"tier": 1}, "worse"),  # the exit rule must not hide the fall
    ],
)
def test_a_verdict(rule, changes, verdict):
    assert watch_list.verdict(entry(rule) | now(**changes), TODAY) == verdict


def test_a_rise_from_an_unknown_score_is_unknown():
    assert watch_list.verdict(entry(Rule("score_up", 10), score=None) | now(), TODAY) == "unknown"


def test_a_small_pd_may_rise_without_being_worse():
    assert watch_list.verdict(entry(Rule("tier_at_least", 3), pd_12m=0.01) | now(pd_12m=0.03), TODAY) == "on"


def test_entries_have_the_verdict_of_the_served_build_and_stay_open(desk):
    watch_list.put(desk, KIM, SHOP, "sales fall", Rule("tier_at_least", 3), START)
    build = pd.DataFrame([START | {"business_id": "B001", "tier": 4}])
    rows = watch_list.with_verdicts(watch_list.open_entries(desk, KIM), build, TODAY)
    assert rows[["verdict", "start_tier", "now_tier"]].to_numpy().tolist() == [["met", 2, 4]]
    assert len(watch_list.open_entries(desk, KIM)) == 1


def test_a_business_that_is_in_no_book_any_more_is_gone(desk):
    watch_list.put(desk, KIM, SHOP, "sales fall", Rule("tier_at_least", 3), START)
    nobody = pd.DataFrame(columns=list(watch_list.STATUS_COLUMNS))
    rows = watch_list.with_verdicts(watch_list.open_entries(desk, KIM), nobody, TODAY)
    assert list(rows["verdict"]) == ["gone"]


def test_a_rule_without_its_figure_is_no_rule():
    for values in (("tier_at_least", None, None), ("until", 3.0, None), ("when it is better", 1.0, None)):
        with pytest.raises(ValueError, match="no exit rule"):
            Rule(*values)
