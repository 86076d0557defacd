"""Properties that hold for any bank (docs/score.md, Properties): random sales through the real SQL and numpy."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.score import components, opportunity
from tests.score.score_bank import M, Shop, bank, scored, scored_against

# A call of DuckDB takes as long for one shop as for sixty: few examples with many shops each.
FEW = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck], database=None)

amount = st.one_of(
    st.integers(0, 60_000), st.integers(1, 900).map(lambda tenth: tenth * M // 100), st.integers(1, 10**10)
)
month = st.one_of(amount, amount, amount, amount, st.just(0), st.none())
steady = st.builds(
    lambda base, moves: [round(base * move) for move in moves],
    st.integers(2_000_000, 10**8),
    st.lists(st.floats(0.6, 1.6), min_size=24, max_size=24),
)
sales = st.one_of(st.lists(month, min_size=1, max_size=30), st.lists(amount, min_size=24, max_size=24), steady)
shop = st.builds(
    Shop,
    sales,
    status=st.sampled_from(["open", "open", "open", "suspended", "closed"]),
    dpd=st.sampled_from([None, None, 0, 29, 30, 89, 90, 400]),
    category=st.sampled_from(["dining", "beauty"]),
    region=st.sampled_from(["R1", "R2"]),
)
book = st.lists(shop, min_size=30, max_size=60)


def named(shops: list[Shop]) -> dict[str, Shop]:
    """Shops under ids that sort in their order."""
    return {f"b{place:03d}": shop for place, shop in enumerate(shops)}


@FEW
@given(book)
def test_scores_are_in_range_and_agree_with_points_and_tier(shops: list[Shop]):
    scores = scored(bank(named(shops)))
    rated = scores[scores["score"].notna()]
    assert rated["score"].between(0, 100).all()
    points = rated[[column for column in rated if column.startswith("points_") and column != "points_shrink"]]
    np.testing.assert_allclose(points.fillna(0).sum(axis=1), rated["score_raw"], atol=1e-9)
    exact = np.minimum(rated["score_raw"] + rated["points_shrink"], rated["cap"].astype(float).fillna(100))
    assert [math.floor(round(value, 9) + 0.5) for value in exact] == rated["score"].tolist()
    assert [1 + sum(score > end for end in (20, 40, 60, 80)) for score in rated["score"]] == rated["tier"].tolist()
    unrated = scores[scores["score"].isna()]
    assert set(unrated["state"]) <= {"CLOSED", "INSUFFICIENT"}
    assert unrated[["tier", "score_raw", "points_change", "cap"]].isna().all(axis=None)


@FEW
@given(book)
def test_better_sales_in_the_newest_month_never_lower_the_score(shops: list[Shop]):
    before = {key: shop for key, shop in named(shops).items() if shop.sales[-1] is not None}
    assume(before)
    raised = {
        f"{key}+{more}": Shop([*shop.sales[:-1], shop.sales[-1] * times + more], shop.status, dpd=shop.dpd)
        for key, shop in before.items()
        for times, more in ((1, 1), (2, 10_000), (1000, 10**7))
    }
    scores = scored_against(bank(before | raised), 0.5, 50.0)["score"].astype(float)
    assert [key for key in raised if scores[key] < scores[key[:4]]] == []


def test_better_sales_never_lower_any_component_of_100_000_irregular_shops():
    # Shops that stop, return, begin or swing. The components alone: peers have no part in them.
    random = np.random.default_rng(7)
    walk = random.normal(0, 0.4, (100_000, 24)).cumsum(axis=1) + random.normal(0, 1.5, (100_000, 24))
    shops = np.round(np.exp(walk * random.choice([0, 0.1, 1], (100_000, 1))) * 10 ** random.uniform(3, 9, (100_000, 1)))
    shops[random.random(shops.shape) < random.choice([0, 0.1, 0.5, 0.9], (100_000, 1))] = 0
    shops[random.random(shops.shape) < random.choice([0, 0.05, 0.3], (100_000, 1))] = np.nan
    better = shops.copy()
    better[:, 0] = better[:, 0] * random.choice([1, 1.2, 3, 1000], 100_000) + random.choice([1, 10_000, 10**7], 100_000)
    flat = np.zeros((100_000, 12))
    before, after = components.component_columns(shops, flat), components.component_columns(better, flat)
    for name in ("u_change", "u_vol", "u_trend", "u_season"):
        assert not (after[name] < before[name] - 1e-9).any(), name


@FEW
@given(book, st.floats(1.0, 20.0))
def test_better_sales_never_lower_the_own_score_among_real_peers(shops: list[Shop], factor: float):
    first = shops[0]
    assume(first.sales[-1] is not None)
    better = Shop([*first.sales[:-1], round(first.sales[-1] * factor)], first.status, None, first.dpd, first.category)
    before = scored(bank(named([Shop(first.sales, first.status, None, first.dpd, first.category), *shops[1:]])))
    after = scored(bank(named([better, *shops[1:]])))
    if not pd.isna(before["score"]["b000"]):
        assert after["score"]["b000"] >= before["score"]["b000"]


@FEW
@given(st.lists(steady, min_size=30, max_size=60), st.integers(2, 1000))
def test_unit_of_money_does_not_matter_for_sales_over_a_million(shops: list[list[int]], times: int):
    book = named([Shop(months) for months in shops])
    larger = {key: Shop([value * times for value in shop.sales]) for key, shop in book.items()}
    pd.testing.assert_frame_equal(scored(bank(book)), scored(bank(larger)), atol=1e-7)


@FEW
@given(book, st.randoms(use_true_random=False), st.integers(1, 7))
def test_order_of_customers_and_size_of_batches_do_not_matter(shops: list[Shop], random, rows: int):
    con = bank(named(shops))
    before = scored(con)
    shuffled = list(named(shops).items())
    random.shuffle(shuffled)
    con = bank(dict(shuffled))
    con.execute("CREATE OR REPLACE TABLE revenue AS FROM revenue ORDER BY md5(business_id || month)")
    opportunity_batch, opportunity.BATCH_ROWS = opportunity.BATCH_ROWS, rows
    try:
        after = scored(con)
    finally:
        opportunity.BATCH_ROWS = opportunity_batch
    pd.testing.assert_frame_equal(before, after, check_exact=True)


@pytest.mark.parametrize("age", range(12))
def test_unknown_month_is_not_a_month_without_sales(age: int):
    unknown, zero = [M] * 24, [M] * 24
    unknown[23 - age], zero[23 - age] = None, 0
    scores = scored_against(bank({"unknown": Shop(unknown), "zero": Shop(zero)}), 0.5, 50.0)["score"]
    # 60 points shrunk by 1/12 towards 50 is 59
    assert scores["unknown"] == 59
    assert scores["zero"] != 59


@FEW
@given(st.lists(st.lists(month, min_size=24, max_size=24), min_size=30, max_size=60), st.lists(month, min_size=1))
def test_months_older_than_two_years_change_nothing(shops: list[list[int | None]], older: list[int | None]):
    book = {f"b{place:02d}": Shop(months) for place, months in enumerate(shops)}
    longer = {key: Shop([*older, *shop.sales]) for key, shop in book.items()}
    pd.testing.assert_frame_equal(scored(bank(book)), scored(bank(longer)), check_exact=True)


def test_steady_fall_of_five_months_gets_no_points_for_low_volatility():
    # u_change by the fallback: median of the last three (T-1) against the mean log of T-3 and T-4, 2.5 steps of
    # ln .8 = -.558 -> 0, so volatility gets at most .5; falls of .223 give less than that.
    shops = {
        "steep": Shop([M * 0.8**month for month in range(5)]),
        "mild": Shop([M * 0.94**month for month in range(5)]),
    }
    scores = scored_against(bank(shops), 0.5, 50.0)
    assert scores["trend_raw"].isna().all()
    assert scores.loc["steep", ["u_change", "u_vol"]].tolist() == pytest.approx([0, 0.354], abs=0.01)
    # mild: 2.5 ln .94 = -.1547 without the constant: u_change .243; falls of .0617 alone would give .94
    assert scores.loc["mild", "u_vol"] == pytest.approx(0.5 + scores.loc["mild", "u_change"])
    assert scores.loc["mild", "u_vol"] == pytest.approx(0.743, abs=0.005)


def test_no_batches_give_no_rows():
    assert list(components.components([])) == []


def test_bank_without_sales_is_insufficient_not_low():
    scores = scored(bank({"b": Shop([None] * 24)}))
    assert scores.loc["b", "state"] == "INSUFFICIENT"
    assert pd.isna(scores.loc["b", "score"])
