"""The list of each business: relief first, nothing forbidden, never more of the same, nothing for who needs nothing."""

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.advice import affinity, evaluation, recommend, rules
from core.advice.recommend import diverse
from core.config import policy
from core.errors import DataError
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, bank, lend, score

WEIGHTS = policy()["advice"]["weights"]


def _advised(con) -> pd.DataFrame:
    recommend.advise(con, AS_OF)
    return con.execute("FROM recommendations ORDER BY business_id, rank").df()


def _town() -> tuple:
    """Nine shops: three in each of three states, each with a loan of its own age."""
    shops = [f"{kind}{number}" for kind in ("weak", "tight", "rich") for number in range(3)]
    con = bank(*shops)
    for number in range(3):
        score(con, f"weak{number}", 10, 1)
        lend(con, f"weak{number}", "2022-05-01", due=300_000, rate=0.12, days=10 * number)
        score(con, f"tight{number}", 35, 2)
        lend(con, f"tight{number}", "2022-05-01", due=300_000, rate=0.12)
        held = ("INSERT INTO holdings VALUES ($id, $shop, 'D02', '2023-05-01', NULL, NULL, '2023-05-01')",)
        con.execute(held[0], {"id": f"H{number}", "shop": f"rich{number}"})
    con.execute("UPDATE balances SET deposit_avg_krw = 90000000 WHERE business_id LIKE 'rich%'")
    return con, _advised(con)


def test_the_weakest_tier_begins_with_a_way_out_and_is_sold_nothing_else():
    _, rows = _town()
    weak = rows[rows.business_id.str.startswith("weak")]
    assert set(weak[weak["rank"] == 1].product_id) == {"A01"}
    assert set(weak.product_id) <= {"A01", "L02", "P01", "P02", "P03", "P04"}
    assert weak.is_relief.all()


def test_relief_stands_before_sales_in_the_second_weakest_tier():
    _, rows = _town()
    tight = rows[rows.business_id == "tight0"]
    assert tight.is_relief.tolist() == sorted(tight.is_relief, reverse=True)
    assert tight.product_id.iloc[0] in {"L02", "P02"}
    assert "relief_first" in tight.reasons.iloc[0]


def test_nothing_forbidden_is_ever_shown():
    con, rows = _town()
    for shop in rows.business_id.unique():
        allowed = rules.blocked(con, shop).set_index("product_id").eligible
        assert allowed[rows[rows.business_id == shop].product_id].all()
    share = "SELECT value FROM advice_figures WHERE model = 'served' AND metric = 'share_ineligible'"
    assert con.execute(share).fetchall() == [(0.0,)]


def test_the_score_is_the_weighted_sum_and_orders_the_list():
    _, rows = _town()
    total = WEIGHTS["need"] * rows.need + WEIGHTS["cf"] * rows.cf + WEIGHTS["ev"] * rows.ev
    assert rows.score.to_numpy() == pytest.approx(total.to_numpy())
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert ((rows[["need", "cf", "ev"]] >= 0) & (rows[["need", "cf", "ev"]] <= 1)).all().all()


def test_a_business_that_needs_nothing_gets_nothing_and_it_says_so():
    con = bank("A")
    # Money in and out alike and steady, no debt, no change, and no profit on record to save tax on.
    con.execute("UPDATE balances SET deposit_avg_krw = 10000000, inflow_krw = 10000000")
    con.execute("DELETE FROM revenue")
    assert _advised(con).empty
    assert con.execute("SELECT service, nothing_needed FROM advice_services").fetchall() == [
        ("growth_investment", True)
    ]


def test_those_without_a_history_are_flagged_and_get_what_is_popular():
    _, rows = _town()
    cold = rows.groupby("business_id").cold.all()
    assert cold[[f"weak{number}" for number in range(3)]].all()
    assert not cold[[f"rich{number}" for number in range(3)]].any()


def test_at_most_so_many_of_a_kind_are_listed():
    score_of = np.array([[0.9, 0.85, 0.8, 0.5, 0.1], [-np.inf, -np.inf, 0.2, -np.inf, -np.inf]])
    kind = np.array(["loan", "loan", "loan", "deposit", "deposit"])
    found = diverse(score_of, kind, shown=4, per_kind=2)
    assert found.tolist() == [[0, 1, 3, 4], [2, -1, -1, -1]]


def test_the_second_of_a_kind_needs_a_clear_lead():
    # 0.85 loses a tenth to the loan that is listed already: 0.75 stands behind 0.80.
    found = diverse(np.array([[0.9, 0.85, 0.8]]), np.array(["loan", "loan", "deposit"]), shown=3, per_kind=2)
    assert found.tolist() == [[0, 2, 1]]


def test_amounts_that_need_a_person_to_confirm_say_so():
    _, rows = _town()
    refinancing = rows[rows.product_id == "L02"].iloc[0]
    assert list(refinancing.confirm) == ["CONFIRM_INTEREST"]
    assert refinancing.suitability == "record_missing"


def test_counts_of_the_blocked_add_up_to_what_one_business_is_told():
    con, _ = _town()
    counted = con.execute("SELECT product_id, rule, sum(n) FROM advice_blocked GROUP BY ALL").fetchall()
    told: dict[tuple[str, str], int] = {}
    shops = [row[0] for row in con.execute("SELECT business_id FROM advice_facts").fetchall()]
    for shop in shops:
        for product, codes in rules.blocked(con, shop)[["product_id", "failed_rules"]].itertuples(index=False):
            for code in codes:
                told[product, code] = told.get((product, code), 0) + 1
    assert {(product, rule): int(n) for product, rule, n in counted} == told


def test_what_was_taken_without_an_offer_says_nothing_of_the_chance_of_an_offer():
    con = bank("A", "B", "C", "D")
    said = "INSERT INTO interactions VALUES ($id, 'L03', $at, $action, '2024-06-30')"
    for shop, action in (("A", "offered"), ("A", "accepted"), ("B", "offered"), ("C", "accepted"), ("D", "accepted")):
        at = "2024-06-01 10:00" if action == "offered" else "2024-06-09 10:00"
        con.execute(said, {"id": shop, "at": at, "action": action})
    rules.catalogue(con)
    found = db.query(con, "core/advice/sql/ranked_products", {"as_of": AS_OF}).acceptance
    assert found.to_numpy() == pytest.approx(0.5)


def test_segments_are_judged_each_and_what_is_popular_in_one_is_found_there():
    # Of everybody's next item nothing is known but the segment: a takes 1, b takes 2.
    groups = np.array(["a", "b"] * 300, dtype=object)
    rows = [(user, item, "2023-01-01") for user in range(600) for item in ((0, 3, 4) if user % 10 == 0 else (0,))]
    rows += [(user, 1 + user % 2, "2024-02-01" if user < 300 else "2024-11-15") for user in range(600)]
    taken = pd.DataFrame(rows, columns=["user_id", "item_id", "first_on"])
    figures, slices = affinity.judged(taken, (600, 5), np.zeros(600, int), AS_OF, groups)
    ndcg = figures[figures.metric == "ndcg"].set_index("model").value
    assert ndcg["segment_popularity"] == pytest.approx(1)
    assert ndcg["category_popularity"] == pytest.approx(ndcg["popularity"])
    assert ndcg["popularity"] < 0.9
    one = slices[(slices.metric == "ndcg") & (slices.model == "segment_popularity")].set_index("segment")
    assert one.n.to_dict() == {"a": 150, "b": 150}
    assert one.value.to_dict() == {"a": pytest.approx(1), "b": pytest.approx(1)}


def test_a_planted_taste_is_found_with_one_split_in_time():
    # Everybody holds item 0; who holds 1 takes 2 later, who holds 3 takes 4. Popularity cannot tell the two apart.
    rng = np.random.default_rng(2)
    rows = []
    for user in range(1200):
        first = 1 if user % 2 else 3
        later = pd.Timestamp("2024-04-01") + pd.Timedelta(days=int(rng.integers(0, 270)))
        rows += [(user, 0, pd.Timestamp("2022-01-01")), (user, first, pd.Timestamp("2023-01-01"))]
        rows.append((user, first + 1, later))
    taken = pd.DataFrame(rows, columns=["user_id", "item_id", "first_on"])
    figures, _ = affinity.judged(taken, (1200, 6), np.zeros(1200, int), AS_OF)
    ndcg = figures[figures.metric == "ndcg"].set_index("model").value
    assert set(figures[figures.metric == "ridge"].value) <= set(evaluation.RIDGES)
    assert ndcg["ease"] == pytest.approx(1)
    assert ndcg["popularity"] < 0.9


def test_the_ridge_is_chosen_before_the_months_of_the_test():
    # Groups of three items go together until September; then everybody takes item 12, which goes with nothing.
    rng = np.random.default_rng(0)
    rows = []
    for user in range(960):
        group = 3 * (user % 3)
        known = {12, int(rng.integers(0, 12))} if user >= 900 else {*rng.choice(12, 3, replace=False), group, group + 1}
        rows += [(user, item, "2023-01-01") for item in known]
        if user < 900:
            rows += [(user, group + 2, "2024-08-15")] * (group + 2 not in known) + [(user, 12, "2024-11-15")]
    taken = pd.DataFrame(rows, columns=["user_id", "item_id", "first_on"])
    figures, _ = affinity.judged(taken, (960, 14), np.zeros(960, int), AS_OF)
    early = affinity.ridge(taken, (960, 14), date(2024, 9, 30))
    assert figures[figures.metric == "ridge"].value.tolist() == [early]
    assert early < affinity.ridge(taken, (960, 14), AS_OF)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_reason_service_and_suitability_has_words(language: str):
    words = tomllib.loads((STRINGS / language / "rules.toml").read_text(encoding="utf-8"))
    con, rows = _town()
    purposes = [row[0] for row in con.execute("SELECT DISTINCT purpose FROM products").fetchall()]
    codes = {f"need_{purpose}" for purpose in purposes} | {code for codes in rows.reasons for code in codes}
    assert codes <= set(words["offer_reason"])
    assert {"ready", "record_missing", "not_needed"} == set(words["suitability"])
    assert len(words["service"]) == 5


def test_a_list_with_something_forbidden_stops_the_build(monkeypatch: pytest.MonkeyPatch):
    con = bank("A")
    monkeypatch.setattr(
        recommend, "diverse", lambda score_of, *_: np.zeros((len(score_of), 1), int)
    )  # A01 to everybody
    with pytest.raises(DataError, match="forbidden by a rule"):
        recommend.advise(con, AS_OF)


@pytest.mark.slow
def test_the_demo_bank_is_advised(demo_build: Path):
    builds = demo_build / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        shown = con.execute("FROM recommendations").df()
        share = con.execute(
            "SELECT value FROM advice_figures WHERE metric = 'share_ineligible' ORDER BY value"
        ).fetchall()
        manager = con.execute("SELECT sum(businesses) FROM advice_products WHERE product_id = 'A01'").fetchall()[0][0]
        services = db.count(con, "advice_services")
        shop = shown.business_id.iloc[0]
        told = rules.blocked(con, shop)  # on a published build, read-only
    assert set(shown[shown.service == "emergency_loan"].groupby("business_id").product_id.first()) == {"A01"}
    assert shown.groupby("business_id")["rank"].max().between(1, 5).all()
    assert share[0] == (0.0,) < share[1]  # served; affinity alone would break rules
    assert manager == services
    assert told.set_index("product_id").eligible[shown.product_id.iloc[0]]


def test_lists_of_the_past_are_judged_by_what_was_known_then(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(affinity, "MIN_TAKEN", 1)
    con = bank("A", "B")
    con.execute("INSERT INTO opportunity_history SELECT business_id, '2024-09-30', 70, 4, 'OK' FROM businesses")
    con.execute("INSERT INTO holdings VALUES ('H', 'A', 'D01', '2024-11-15', NULL, NULL, '2024-11-15')")
    con.execute("INSERT INTO holdings VALUES ('I', 'B', 'A01', '2024-11-15', NULL, NULL, '2024-11-15')")
    rules.catalogue(con)
    figures = recommend.hindsight(con, AS_OF).set_index("metric")
    # A's deposit was allowed and listed in September; B was in no distress: half of what was taken was forbidden.
    assert (figures.value["recall"], figures.value["taken_forbidden"]) == (0.5, 0.5)
    assert con.execute("SELECT DISTINCT as_of FROM advice_facts").fetchall() == [(date(2024, 9, 30),)]
