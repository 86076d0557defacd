"""The 23 test vectors of the score (docs/score.md, Test vectors) and its rounding rule."""

import math
from dataclasses import dataclass, field

import pandas as pd
import pytest

from core import db
from core.score import opportunity
from tests.score.score_bank import AS_OF, M, Shop, bank, scored_against

SEASON = [0.8, 0.8, 0.9, 1.0, 1.05, 1.1, 1.2, 1.2, 1.05, 1.0, 1.0, 1.0]
MEAN = math.prod(SEASON) ** (1 / 12)
LN_SI = [math.log(value / MEAN) for value in SEASON] * 2
SEASONAL = [M * math.exp(value) for value in LN_SI]
FLAT = [M] * 24


def growing(rate: float, start: float = M) -> list[float]:
    """24 months growing by `rate` a month."""
    return [start * (1 + rate) ** month for month in range(24)]


@dataclass(frozen=True)
class Vector:
    """One row of the table: sales and facts of a business, and its score. `u`: change, trend, vol, season, industry."""

    name: str
    sales: list[float | None]
    u: tuple[float | None, ...] = ()
    raw: float | None = None
    score: int | None = None
    tier: int | None = None
    state: str = "OK"
    peer: float | None = 0.5
    cell_median: float = 50.0
    facts: dict = field(default_factory=dict)
    ln_si: list[float] | None = None
    flag: str = ""


STEADY = (0.5, 0.5, 1.0, 0.5, 0.5)
VECTORS = [
    Vector("01 flat", FLAT, STEADY, 60.00, 60, 3),
    Vector("02 +2% a month", growing(0.02), (0.8921, 0.8269, 1, 0.7354, 0.8), 86.33, 86, 5, peer=0.8),
    Vector("03 -3% a month", growing(-0.03), (0, 0, 0.5, 0.1385, 0.1), 13.58, 14, 1, peer=0.1),
    Vector("04 -8% a month", growing(-0.08), (0, 0, 0.5, 0, 0.01), 10.15, 10, 1, peer=0.01),
    Vector("05 last month 0", [*FLAT[:23], 0], (0.5, 0.5, 0.1367, 0, 0.5), 35.23, 35, 2),
    Vector("06 last two 0", [*FLAT[:22], 0, 0], (0, 0.5, 0.1367, 0, 0.5), 20.23, 20, 1, "ZERO_2M"),
    Vector("07 last month unknown", [*FLAT[:23], None], STEADY, 59.17, 59, 3),
    Vector("08 last three unknown", [*FLAT[:21], None, None, None], state="INSUFFICIENT"),
    Vector(
        "09 six months, no peers", [M] * 6, (0.5, 0.5, 1, 0.5, None), 54.88, 55, 3, peer=None, cell_median=48.0,
        flag="CHANGE_FALLBACK_QOQ",
    ),
    Vector("10 six months", [M] * 6, STEADY, 54.00, 54, 3, cell_median=48.0, flag="CHANGE_FALLBACK_QOQ"),
    Vector("11 two months", [M] * 2, state="INSUFFICIENT"),
    Vector("12 twelve zeros", [0] * 12, score=0, tier=1, state="ZERO_SALES"),
    Vector("13 closed", FLAT, state="CLOSED", facts={"status": "closed"}),
    Vector("14 suspended", FLAT, STEADY, 60.00, 20, 1, "SUSPENDED", facts={"status": "suspended"}),
    Vector("15 dpd 35", growing(0.02), (), 86.33, 40, 2, peer=0.8, facts={"dpd": 35}, flag="DPD_30"),
    Vector("16 dpd 90", growing(0.02), (), 86.33, 20, 1, peer=0.8, facts={"dpd": 90}, flag="DPD_90"),
    Vector("17 seasonal", SEASONAL, (0.5, 0.4957, 0.9957, 0.501, 0.5), 59.84, 60, 3, ln_si=LN_SI),
    Vector("18 seasonal, index ignored", SEASONAL, (0.5, 0.8676, 1, 0.4034, 0.5), 65.90, 66, 4),
    Vector("19 10x 14 months ago", [*FLAT[:9], 10 * M, *FLAT[10:]], STEADY, 60.00, 60, 3),
    Vector("20 last month 10x", [*FLAT[:23], 10 * M], (0.5, 0.5, 1, 0.7, 0.5), 63.00, 63, 4, flag="LAST_MONTH_JUMP"),
    Vector(
        "21 last month negative", [*FLAT[:23], -2_000_000], (0.5, 0.5, 0.1367, 0, 0.5), 35.23, 35, 2,
        flag="NEGATIVE_NET_SALES",
    ),
    Vector("22 03 x 1000", growing(-0.03, 1000 * M), (0, 0, 0.5, 0.1385, 0.1), 13.58, 14, 1, peer=0.1),
    Vector("23 50,000 won a month", [50_000] * 24, STEADY, 60.00, 60, 3),
]  # fmt: skip


def row_of(vector: Vector) -> pd.Series:
    """The score of the vector's business."""
    con = bank({"b": Shop(vector.sales, **vector.facts)}, ln_si=vector.ln_si)
    return scored_against(con, vector.peer, vector.cell_median).loc["b"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_vector(vector: Vector):
    row = row_of(vector)
    assert row["state"] == vector.state
    assert _known(row["score"]) == vector.score
    assert _known(row["tier"]) == vector.tier
    assert vector.flag in ["", *row["flags"].split(",")]
    if vector.raw is not None:
        assert row["score_raw"] + row["points_shrink"] == pytest.approx(vector.raw, abs=0.005)
    columns = ("u_change", "u_trend", "u_vol", "u_season", "u_industry")[: len(vector.u)]
    assert [_known(row[name]) for name in columns] == pytest.approx(list(vector.u), abs=0.00005)


def _known(value: float) -> float | None:
    return None if pd.isna(value) else value


@pytest.mark.parametrize(
    ("exact", "score", "tier"), [(20.49, 20, 1), (20.5, 21, 2), (40.5, 41, 3), (60.5, 61, 4), (80.5, 81, 5)]
)
def test_halves_round_up(exact: float, score: int, tier: int):
    con = bank({"b": Shop(FLAT)})
    scored_against(con, 0.5, None)
    con.execute("UPDATE score_points SET score_raw = $exact", {"exact": exact})
    opportunity.write_scores(con, "scores", 12)
    assert con.execute("SELECT score, tier FROM scores").fetchall() == [(score, tier)]


def test_all_businesses_of_the_bank_are_scored():
    con = bank({"b": Shop(FLAT)})
    opportunity.score(con, AS_OF, "scores")
    # no peers: 100 (.3 x .5 + .2 x 1 + .2 x .5 + .15 x .5) / .85 = 61.76
    assert con.execute("SELECT business_id, as_of, score FROM scores").fetchall() == [("b", AS_OF, 62)]
    assert not db.has_table(con, "score_months")
