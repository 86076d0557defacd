"""The list of each business: relief first, nothing forbidden, not too many of a kind, nothing without a need."""

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.advice import affinity, evaluation, recommendations, rules
from core.advice.recommendations import diverse_top_k
from core.config import policy
from core.errors import DataError
from pages.shared.text import STRINGS
from tests.advice_bank import AS_OF, add_loan, bank, insert, update

WEIGHTS = policy()["advice"]["weights"]


def _advised(con) -> pd.DataFrame:
    recommendations.advise(con, AS_OF)
    return con.execute("FROM recommendations ORDER BY business_id, rank").df()


def _town() -> tuple:
    """Nine shops: three in the weakest tier (0, 10 and 20 days late), three in the second weakest, three rich ones."""
    con = bank(*(f"{kind}{number}" for kind in ("weak", "tight", "rich") for number in range(3)))
    for number in range(3):
        update(con, "opportunity_history", f"weak{number}", score=10, tier=1)
        add_loan(con, f"weak{number}", "2022-05-01", due_krw=300_000, rate=0.12, days_past_due=10 * number)
        update(con, "opportunity_history", f"tight{number}", score=35, tier=2)
        add_loan(con, f"tight{number}", "2022-05-01", due_krw=300_000, rate=0.12)
        update(con, "balances", f"rich{number}", deposit_avg_krw=90_000_000)
        insert(con, "holdings", business_id=f"rich{number}", product_id="D02", opened_on="2023-05-01")
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
        allowed = rules.eligibility(con, shop).set_index("product_id").eligible
        assert allowed[rows[rows.business_id == shop].product_id].all()
    share = "SELECT value FROM advice_figures WHERE model = 'served' AND metric = 'share_ineligible'"
    assert con.execute(share).fetchall() == [(0.0,)]


def test_the_score_is_the_weighted_sum_and_orders_the_list():
    _, rows = _town()
    total = WEIGHTS["need"] * rows.need + WEIGHTS["cf"] * rows.cf + WEIGHTS["ev"] * rows.ev
    assert rows.score.to_numpy() == pytest.approx(total.to_numpy())
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert ((rows[["need", "cf", "ev"]] >= 0) & (rows[["need", "cf", "ev"]] <= 1)).all().all()


def test_a_business_that_needs_nothing_gets_nothing_and_is_marked_so():
    con = bank("A")
    # Money in and out alike and steady, no debt, no change, and no profit on record to save tax on.
    update(con, "balances", deposit_avg_krw=10_000_000, inflow_krw=10_000_000)
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
    scores = np.array([[0.9, 0.85, 0.8, 0.5, 0.1], [-np.inf, -np.inf, 0.2, -np.inf, -np.inf]])
    kind = np.array(["loan", "loan", "loan", "deposit", "deposit"])
    items = diverse_top_k(scores, kind, k=4, per_kind=2)
    assert items.tolist() == [[0, 1, 3, 4], [2, -1, -1, -1]]


def test_the_second_of_a_kind_needs_a_clear_lead():
    # 0.85 loses a tenth because a loan is listed already: 0.75 comes after 0.80.
    items = diverse_top_k(np.array([[0.9, 0.85, 0.8]]), np.array(["loan", "loan", "deposit"]), k=3, per_kind=2)
    assert items.tolist() == [[0, 2, 1]]


def test_amounts_that_need_a_person_to_confirm_say_so():
    _, rows = _town()
    refinancing = rows[rows.product_id == "L02"].iloc[0]
    assert list(refinancing.confirm) == ["CONFIRM_INTEREST"]
    assert refinancing.suitability == "record_missing"


def test_counts_of_blocked_businesses_add_up_to_the_rules_of_each():
    con, _ = _town()
    counts = con.execute("SELECT product_id, rule, sum(n) FROM advice_blocked GROUP BY ALL").fetchall()
    shops = [row[0] for row in con.execute("SELECT business_id FROM advice_facts").fetchall()]
    products = pd.concat([rules.eligibility(con, shop) for shop in shops])
    pairs = Counter((row.product_id, code) for row in products.itertuples() for code in row.failed_rules)
    assert {(product, rule): int(n) for product, rule, n in counts} == pairs


def test_products_taken_without_an_offer_do_not_count_for_the_chance_of_an_offer():
    con = bank("A", "B", "C", "D")
    for shop, action in (("A", "offered"), ("A", "accepted"), ("B", "offered"), ("C", "accepted"), ("D", "accepted")):
        at = "2024-06-01 10:00" if action == "offered" else "2024-06-09 10:00"
        insert(con, "interactions", business_id=shop, product_id="L03", at=at, action=action)
    rules.write_catalogue(con)
    acceptance = db.query(con, "core/advice/sql/product_traits", {"as_of": AS_OF}).acceptance
    assert acceptance.to_numpy() == pytest.approx(0.5)


def _adoptions(rows: list[tuple]) -> pd.DataFrame:
    """Who took which product when first."""
    return pd.DataFrame(rows, columns=["user_id", "item_id", "first_on"]).astype({"first_on": "datetime64[us]"})


def test_each_segment_has_its_own_metrics():
    # Only the segment tells the next item: a takes 1, b takes 2.
    segments = np.array(["a", "b"] * 300, dtype=object)
    rows = [(user, item, "2023-01-01") for user in range(600) for item in ((0, 3, 4) if user % 10 == 0 else (0,))]
    rows += [(user, 1 + user % 2, "2024-02-01" if user < 300 else "2024-11-15") for user in range(600)]
    adoptions = _adoptions(rows)
    figures, slices = affinity.backtest_metrics(adoptions, (600, 5), np.zeros(600, int), AS_OF, segments)
    ndcg = figures[figures.metric == "ndcg"].set_index("model").value
    assert ndcg["segment_popularity"] == pytest.approx(1)
    assert ndcg["category_popularity"] == pytest.approx(ndcg["popularity"])
    assert ndcg["popularity"] < 0.9
    by_segment = slices[(slices.metric == "ndcg") & (slices.model == "segment_popularity")].set_index("segment")
    assert by_segment.n.to_dict() == {"a": 150, "b": 150}
    assert by_segment.value.to_dict() == {"a": pytest.approx(1), "b": pytest.approx(1)}


def test_a_planted_taste_is_found_with_one_split_in_time():
    # Everybody holds item 0; who holds 1 takes 2 later, who holds 3 takes 4. Popularity cannot tell the two apart.
    rng = np.random.default_rng(2)
    rows = []
    for user in range(1200):
        first = 1 if user % 2 else 3
        later = pd.Timestamp("2024-04-01") + pd.Timedelta(days=int(rng.integers(0, 270)))
        rows += [(user, 0, pd.Timestamp("2022-01-01")), (user, first, pd.Timestamp("2023-01-01"))]
        rows.append((user, first + 1, later))
    adoptions = _adoptions(rows)
    figures, _ = affinity.backtest_metrics(adoptions, (1200, 6), np.zeros(1200, int), AS_OF)
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
        owned = {12, int(rng.integers(0, 12))} if user >= 900 else {*rng.choice(12, 3, replace=False), group, group + 1}
        rows += [(user, item, "2023-01-01") for item in owned]
        if user < 900:
            rows += [(user, group + 2, "2024-08-15")] * (group + 2 not in owned) + [(user, 12, "2024-11-15")]
    adoptions = _adoptions(rows)
    figures, _ = affinity.backtest_metrics(adoptions, (960, 14), np.zeros(960, int), AS_OF)
    early = affinity.best_ridge(adoptions, (960, 14), date(2024, 9, 30))
    assert figures[figures.metric == "ridge"].value.tolist() == [early]
    assert early < affinity.best_ridge(adoptions, (960, 14), AS_OF)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_reason_service_and_suitability_has_text(language: str):
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
        recommendations, "diverse_top_k", lambda scores, *_: np.zeros((len(scores), 1), int)
    )  # A01 to everybody
    with pytest.raises(DataError, match="forbidden by a rule"):
        recommendations.advise(con, AS_OF)


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
        products = rules.eligibility(con, shop)  # on a published build, read-only
    assert set(shown[shown.service == "emergency_loan"].groupby("business_id").product_id.first()) == {"A01"}
    assert shown.groupby("business_id")["rank"].max().between(1, 5).all()
    assert share[0] == (0.0,) < share[1]  # served; affinity alone would break rules
    assert manager == services
    assert products.set_index("product_id").eligible[shown.product_id.iloc[0]]


def test_lists_of_the_past_rest_on_what_was_known_then(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(affinity, "MIN_TAKEN", 1)
    con = bank("A", "B")
    con.execute("INSERT INTO opportunity_history SELECT business_id, '2024-09-30', 70, 4, 'OK' FROM businesses")
    insert(con, "holdings", business_id="A", product_id="D01", opened_on="2024-11-15")
    insert(con, "holdings", business_id="B", product_id="A01", opened_on="2024-11-15")
    rules.write_catalogue(con)
    figures = recommendations.past_metrics(con, AS_OF).set_index("metric")
    # A's deposit was allowed and listed in September; B was in no distress: half of what was taken was forbidden.
    assert (figures.value["recall"], figures.value["taken_forbidden"]) == (0.5, 0.5)
    assert con.execute("SELECT DISTINCT as_of FROM advice_facts").fetchall() == [(date(2024, 9, 30),)]
