"""The numbers of docs/score.md hold: its test vectors against the code, its tables against policy.toml."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.calendar import month_end
from core.config import policy
from core.score import market, opportunity
from tests.score.score_bank import AS_OF, Shop, bank, put, scored_against

PAGE = Path(__file__).parents[2] / "docs" / "score.md"
NONE = ("", "–")
Row = dict[str, str]


def rows(heading: str, column: str) -> list[Row]:
    """The table under `heading` whose first column is `column`: one dict a row."""
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)
    lines = next(part for part in section if part.startswith(f"{heading}\n")).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {column} |"))
    names = cells(lines[start])
    table = [cells(line) for line in lines[start + 2 :]]
    end = next((place for place, values in enumerate(table) if not values), len(table))
    return [dict(zip(names, values, strict=True)) for values in table[:end]]


def cells(line: str) -> list[str]:
    """The cells of a line of a table; none when it is no such line."""
    return [cell.strip() for cell in line.split("|")[1:-1]]


def number(cell: str) -> float | None:
    """The number in a cell; None for a dash or nothing."""
    return None if cell in NONE else float(cell)


def index() -> list[float]:
    """ln SI of the 24 months, from the page."""
    line = re.search(r"^ +SI = ([\d., ]+)", PAGE.read_text(encoding="utf-8"), flags=re.M)
    assert line is not None
    factors = [float(value) for value in line[1].split(",")]
    mean = math.prod(factors) ** (1 / 12)
    return [math.log(value / mean) for value in factors] * 2


def sales(text: str, unit: float) -> list[float | None]:
    """Sales in won from the notation of the page.

    >>> sales("2 x 10 +2%, ?, -3", 100)
    [1000.0, 1020.0, None, -300.0]
    """
    values: list[float | None] = []
    for part in text.split(", "):
        match = re.fullmatch(r"(?:(\d+) x )?(\?|-?[\d.]+)( seasonal)?(?: ([+-]\d+)%)?", part)
        assert match is not None, part
        count, growth = int(match[1] or 1), 1 + int(match[4] or 0) / 100
        factors = [math.exp(ln_si) for ln_si in index()] if match[3] else [growth**place for place in range(count)]
        values += [None if match[2] == "?" else float(match[2]) * unit * factors[place] for place in range(count)]
    return values


def shop(row: Row) -> Shop:
    """The business of a vector."""
    days = re.search(r"dpd (\d+)", row["facts"])
    status = row["facts"] if row["facts"] in ("closed", "suspended") else "open"
    return Shop(sales(row["sales"], 1e6), status, dpd=int(days[1]) if days else None)


@pytest.mark.parametrize("row", rows("Test vectors", "id"), ids=lambda row: row["id"])
def test_vector_of_the_page(row: Row):
    con = bank({"b": shop(row)}, ln_si=index() if row["facts"] == "index" else None)
    scores = scored_against(con, number(row["peer"]), number(row["median"])).loc["b"]
    assert scores["state"] == row["state"]
    assert [value_of(scores[name]) for name in ("score", "tier")] == [number(row["score"]), number(row["tier"])]
    assert row["flag"] in [*NONE, *scores["flags"].split(",")]
    if row["exact"]:
        assert scores["score_raw"] + scores["points_shrink"] == pytest.approx(float(row["exact"]), abs=0.005)
    names = [name for name in policy()["score"]["weights"] if row[name]]
    expected = [number(row[name]) for name in names]
    assert [value_of(scores[f"u_{name}"]) for name in names] == pytest.approx(expected, abs=0.00005)


def value_of(value: float) -> float | None:
    """The value; None for NaN and NULL."""
    return None if pd.isna(value) else value


def test_page_has_all_vectors():
    assert len(rows("Test vectors", "id")) == 23


@pytest.mark.parametrize("row", rows("Combination", "exact"), ids=lambda row: row["exact"])
def test_halves_round_up(row: Row):
    con = bank({"b": Shop([10_000_000] * 24)})
    scored_against(con, 0.5, None)
    con.execute("UPDATE score_points SET score_raw = $exact", {"exact": float(row["exact"])})
    opportunity.write_scores(con, "scores", 12)
    assert con.execute("SELECT score, tier FROM scores").fetchall() == [(int(row["score"]), int(row["tier"]))]


def test_weights_anchors_caps_and_tiers_are_those_of_the_policy():
    rules, components = policy()["score"], rows("Components", "component")
    assert {row["component"]: float(row["weight"]) for row in components} == rules["weights"]
    anchors = {row["component"]: [float(row[end]) for end in ("low", "middle", "high")] for row in components[:-1]}
    assert anchors == rules["anchors"]
    caps = {row["name in policy.toml"]: int(row["cap"]) for row in rows("Caps and states", "fact")}
    assert caps == rules["caps"]
    tiers = rows("Tiers", "tier")
    assert [int(row["to"]) for row in tiers] == [*rules["tier_ends"], 100]
    assert [int(row["from"]) for row in tiers] == [0, *(end + 1 for end in rules["tier_ends"])]


def test_page_lists_all_states_and_flags():
    code = db.sql("core/score/sql/opportunity_history")
    states, flags = code.split(" AS state,")
    assert [row["state"] for row in rows("Caps and states", "state")] == re.findall(r"'([A-Z_0-9]{2,})'", states)
    assert [row["flag"] for row in rows("Flags", "flag")] == re.findall(r"'([A-Z_0-9]{2,})'", flags)


LEDGER = """
CREATE TABLE opportunity_history (business_id VARCHAR, as_of DATE, score INTEGER, tier INTEGER, score_raw DOUBLE,
    points_shrink DOUBLE, cap INTEGER);
CREATE TABLE scores_shown (business_id VARCHAR, as_of DATE, score INTEGER, tier INTEGER, exact DOUBLE);
CREATE TABLE ledger_rescored (business_id VARCHAR, exact DOUBLE);
CREATE TABLE ledger_own_only (business_id VARCHAR, exact DOUBLE);
CREATE TABLE ledger_market_only (business_id VARCHAR, exact DOUBLE);
CREATE TABLE ledger_neither (business_id VARCHAR, exact DOUBLE);
"""


def score_of(exact: float) -> dict[str, float | int]:
    """Whole score and tier of an exact score."""
    score = math.floor(round(exact, 9) + 0.5)
    return {"score": score, "tier": 1 + sum(score > end for end in policy()["score"]["tier_ends"])}


@pytest.mark.parametrize("row", rows("Ledger", "before"), ids=lambda row: row["before"])
def test_ledger_of_the_page(row: Row):
    own, market_part, model = (float(row[f"{part} exact"]) for part in ("own", "market", "model"))
    before = float(row["before"])
    exact = before + own + market_part + model
    con = db.connect()
    con.execute(LEDGER)
    put(con, "opportunity_history", [{"business_id": "b", "as_of": AS_OF, "score_raw": exact, "points_shrink": 0.0}])
    con.execute("UPDATE opportunity_history SET score = $score, tier = $tier", score_of(exact))
    shown = {"business_id": "b", "as_of": month_end(AS_OF, 1), "exact": before}
    put(con, "scores_shown", [shown | score_of(before)])
    put(con, "ledger_rescored", [{"business_id": "b", "exact": before + model}])
    # The effect of the market is the score minus that with the own move only.
    put(con, "ledger_own_only", [{"business_id": "b", "exact": exact - market_part}])
    params = {"as_of": AS_OF, "before": month_end(AS_OF, 1), "basis": "compared"} | opportunity.tier_params()
    ledger = db.query(con, "core/score/sql/score_ledger", params).iloc[0]
    names = ("score before", "score", "own", "market", "model", "tier own", "tier market", "tier model")
    assert {name: ledger[name.replace(" ", "_")] for name in names} == {name: int(row[name]) for name in names}


@pytest.mark.parametrize("row", rows("Street", "sales"), ids=lambda row: row["sales"])
def test_street_of_the_page(row: Row):
    quarters = np.array([[np.nan if value is None else value for value in reversed(sales(row["sales"], 1e9))]])
    columns = market.component_columns(quarters, np.full((1, 8), np.nan))
    names = ("change", "vol", "trend", "season")
    assert [columns[f"u_{name}"][0] for name in names] == pytest.approx([float(row[name]) for name in names], abs=5e-5)
    assert bool(columns["change_fallback"][0]) == (row["flag"] == "CHANGE_FALLBACK_QOQ")
    assert columns["has_months"][0]
