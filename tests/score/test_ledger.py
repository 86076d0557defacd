"""The parts of the ledger add up to the move of every score, and each part changes for its own cause alone."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import db
from core.calendar import month_end, month_ends
from core.config import policy
from core.score import ledger, opportunity
from tests.score.score_bank import AS_OF, M, Shop, bank

BEFORE = month_end(AS_OF, 1)
NOWHERE = Path("no builds here")
PARTS = ["own", "market", "model"]


def street(moves: float = 0.0, shops: int = 40, seed: int = 5) -> dict[str, Shop]:
    """Shops of one cell with different sales; in the newest month all sales change by `moves` more (log)."""
    random = np.random.default_rng(seed)
    sales = M * np.exp(random.normal(0, 0.05, (shops, 24)).cumsum(axis=1) * 0.5 + random.normal(0, 0.05, (shops, 24)))
    sales[:, -1] *= math.exp(moves)
    return {f"s{place:02d}": Shop(row.tolist()) for place, row in enumerate(sales)}


def all_states() -> dict[str, Shop]:
    """Shops in every state and under every cap, and the street."""
    flat = [float(M)] * 24
    return street() | {
        "short": Shop(flat[:6]),
        "new": Shop(flat[:2]),
        "gap": Shop([*flat[:-1], None]),
        "gap_before": Shop([*flat[:-2], None, M]),
        "silent": Shop([*flat[:-3], None, None, None]),
        "stopped": Shop([*flat[:-2], 0, 0]),
        "zero_year": Shop([*flat[:12], *([0] * 12)]),
        "negative": Shop([*flat[:-1], -2_000_000]),
        "jump": Shop([*flat[:-1], 10 * M]),
        "late": Shop(flat, dpd=35),
        "defaulted": Shop(flat, dpd=95),
        "suspended": Shop(flat, status="suspended", status_on=AS_OF),
        "closed": Shop(flat, status="closed", status_on=AS_OF),
        "no_peers": Shop([*flat[:-1], 2 * M], category="bars"),
    }


def scored(con: db.Connection, as_of: date = AS_OF, builds: Path = NOWHERE) -> pd.DataFrame:
    """Two months of scores and the ledger, as the build writes them; rows by business."""
    opportunity.history(con, month_ends(as_of, 2), "opportunity_history")
    ledger.write(con, as_of, builds)
    return con.execute("FROM score_ledger ORDER BY business_id").df().set_index("business_id")


def publish(builds: Path, shops: dict[str, Shop], as_of: date, build_id: str, builds_before: Path = NOWHERE) -> None:
    """Publish a build of these shops at `as_of` with the tables that the ledger reads."""
    with bank(shops) as con:
        scored(con, as_of, builds_before)
        (builds / build_id).mkdir(parents=True)
        con.execute("ATTACH $path AS build", {"path": str(builds / build_id / db.DATABASE)})
        for table in (*ledger.DATA, "opportunity_history", "scores_shown"):
            con.execute(f"CREATE TABLE build.{table} AS FROM {table}")
        con.execute("DETACH build")
    db.publish(builds, build_id)


@pytest.fixture
def other_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank gives less weight to the change and more to the volatility."""
    rules = policy()["score"]
    monkeypatch.setitem(rules, "weights", rules["weights"] | {"change": 0.10, "vol": 0.40})


def assert_adds_up(rows: pd.DataFrame) -> None:
    """Points, tiers and exact parts add up, and rounding changes no part by a point."""
    assert (rows[PARTS].sum(axis=1) == rows["change"]).all()
    assert (rows["change"] == rows["score"] - rows["score_before"]).all()
    assert (rows[[f"tier_{part}" for part in PARTS]].sum(axis=1) == rows["tier"] - rows["tier_before"]).all()
    exact = rows[[f"{part}_exact" for part in PARTS]]
    assert np.abs(exact.sum(axis=1) - rows["change_exact"]).max() < 1e-6
    assert np.abs(exact.to_numpy() - rows[PARTS].to_numpy()).max() < 1
    assert (rows[PARTS].to_numpy()[exact.to_numpy() == 0] == 0).all()


def test_every_state_and_cap_adds_up():
    con = bank(all_states())
    rows = scored(con)
    assert_adds_up(rows)
    both = con.execute(
        "SELECT business_id FROM opportunity_history WHERE score IS NOT NULL GROUP BY 1 HAVING count(*) = 2"
    ).fetchall()
    assert set(rows.index) == {row[0] for row in both}
    assert not set(rows.index) & {"new", "silent", "closed"}


@pytest.mark.parametrize("seed", range(6))
def test_any_bank_adds_up_after_any_change_of_rules(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(seed)
    shops = street(moves=float(random.normal(0, 0.2)), seed=seed) | all_states()
    publish(tmp_path, shops, BEFORE, "old")
    rules = policy()["score"]
    weights = dict(zip(rules["weights"], np.round(random.dirichlet(np.full(5, 4)), 3).tolist(), strict=True))
    monkeypatch.setitem(rules, "weights", weights)
    monkeypatch.setitem(rules, "tier_ends", sorted(random.choice(range(5, 95), 4, replace=False).tolist()))
    rows = scored(bank(shops), builds=tmp_path)
    assert_adds_up(rows)
    assert (rows["model"] != 0).any()


def scenario(con: db.Connection, *, own: bool, market: bool) -> list[tuple[float | None, float | None]]:
    """Exact scores of all businesses in a scenario, and their real ones."""
    opportunity.history(con, [BEFORE, AS_OF], "opportunity_history")
    for table, day in (("ledger_months", AS_OF), ("ledger_months_before", BEFORE)):
        db.create_table(con, table, "core/score/sql/score_months", {"as_of": day})
    params = {"peer_prior": 30, "peer_min_category": 10, "floor_krw": 10_000}
    db.create_table(con, "ledger_moves", "core/score/sql/ledger_moves", params)
    ledger.create_scenario(con, "scenario", AS_OF, own=own, market=market)
    return con.execute(
        "SELECT exact, least(round(score_raw + points_shrink, 9), cap) FROM scenario JOIN opportunity_history "
        "USING (business_id) WHERE as_of = $as_of",
        {"as_of": AS_OF},
    ).fetchall()


def test_scenario_with_both_moves_is_the_real_score():
    pairs = scenario(bank(all_states()), own=True, market=True)
    assert len(pairs) == len(all_states())
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_fall_of_all_shops_is_the_markets_part():
    calm, fallen = scored(bank(street())), scored(bank(street(moves=-0.3)))
    # the same shops with the same noise: only the move of the street differs
    more = fallen[["own_exact", "market_exact"]] - calm[["own_exact", "market_exact"]]
    assert more["market_exact"].median() < -3
    assert abs(more["own_exact"].median()) < 0.3 * abs(more["market_exact"].median())


def test_fall_of_one_shop_is_its_own_part():
    shops = street()
    shops["s00"] = Shop([*shops["s00"].sales[:-1], shops["s00"].sales[-1] * 0.2])
    calm, fallen = scored(bank(street())), scored(bank(shops))
    assert fallen.loc["s00", "own_exact"] - calm.loc["s00", "own_exact"] < -8
    assert abs(fallen.loc["s00", "market_exact"] - calm.loc["s00", "market_exact"]) < 1


def test_usual_season_moves_no_score():
    usual = np.tile([0.0, -0.3, 0.1, 0.0, 0.2, 0.0, -0.1, 0.0, 0.1, 0.0, 0.2, -0.2], 2)
    shops = {f"s{place:02d}": Shop((M * np.exp(usual)).tolist()) for place in range(12)}
    con = bank(shops, ln_si=usual.tolist())
    # without any move the newest month follows the season
    assert all(abs(exact - real) < 0.01 for exact, real in scenario(con, own=False, market=False))
    rows = scored(con)
    # the constant under the logarithm is not seasonal: its effect is about a thousandth
    assert rows["market_exact"].abs().max() < 0.01
    assert (rows["change"] == 0).all()


def test_arrears_and_their_cap_are_the_own_part():
    rows = scored(bank(all_states()))
    assert rows.loc["defaulted", "score"] == 20
    assert rows.loc["defaulted", "own"] < -30
    assert abs(rows.loc["defaulted", "market"]) <= 1


def test_without_a_previous_build_the_models_part_is_0_with_a_reason(tmp_path: Path):
    rows = scored(bank(street()))
    assert set(rows["basis"]) == {ledger.FIRST}
    assert (rows["model_exact"] == 0).all()
    publish(tmp_path, street(), month_end(AS_OF, 5), "long_ago")
    assert set(scored(bank(street()), builds=tmp_path)["basis"]) == {ledger.NOT_SHOWN}


def test_build_with_other_columns_is_not_compared(tmp_path: Path):
    (tmp_path / "old").mkdir()
    with db.connect(tmp_path / "old" / db.DATABASE) as con:
        con.execute("CREATE TABLE opportunity_history (business_id VARCHAR, as_of DATE, score INTEGER)")
    db.publish(tmp_path, "old")
    rows = scored(bank(street()), builds=tmp_path)
    assert set(rows["basis"]) == {ledger.UNFIT}
    assert (rows["model_exact"] == 0).all()


def test_without_a_change_of_rules_the_models_part_is_0(tmp_path: Path):
    publish(tmp_path, street(), BEFORE, "old")
    rows = scored(bank(street()), builds=tmp_path)
    assert set(rows["basis"]) == {ledger.COMPARED}
    assert (rows["model_exact"] == 0).all()


def test_changed_weights_are_the_models_part_alone(tmp_path: Path, other_weights: None):
    with pytest.MonkeyPatch.context() as before:
        rules = policy()["score"]
        before.setitem(rules, "weights", rules["weights"] | {"change": 0.30, "vol": 0.20})
        publish(tmp_path, street(), BEFORE, "old")
        then = scored(bank(street()))["score_before"]
    rows, alone = scored(bank(street()), builds=tmp_path), scored(bank(street()))
    # the score that was shown, not the one by today's rules
    assert (rows["score_before"] == then).all()
    assert rows["model_exact"].abs().max() > 1
    pd.testing.assert_frame_equal(rows[["own_exact", "market_exact"]], alone[["own_exact", "market_exact"]])
    expected = alone["change_exact"] + rows["model_exact"]
    np.testing.assert_allclose(rows["change_exact"], expected, atol=1e-8)


def test_changed_season_is_the_models_part(tmp_path: Path):
    publish(tmp_path, street(), BEFORE, "old")
    newer = [0.0] * 22 + [0.2, -0.1]
    rows = scored(bank(street(), ln_si=newer), builds=tmp_path)
    assert_adds_up(rows)
    assert rows["model_exact"].abs().max() > 1


def test_corrected_sales_are_the_own_part(tmp_path: Path):
    shops = street()
    publish(tmp_path, shops, BEFORE, "old")
    corrected = shops | {"s00": Shop([*shops["s00"].sales[:-2], *[sale * 0.3 for sale in shops["s00"].sales[-2:]]])}
    rows = scored(bank(corrected), builds=tmp_path)
    assert rows.loc["s00", "own_exact"] < -5
    assert abs(rows.loc["s00", "model_exact"]) < 1e-6


def test_change_of_rules_stays_visible_after_rebuilds_of_the_month(tmp_path: Path, other_weights: None):
    with pytest.MonkeyPatch.context() as before:
        rules = policy()["score"]
        before.setitem(rules, "weights", rules["weights"] | {"change": 0.30, "vol": 0.20})
        publish(tmp_path, street(), BEFORE, "month_before")
    once = scored(bank(street()), builds=tmp_path)
    publish(tmp_path, street(), AS_OF, "once", tmp_path)
    twice = scored(bank(street()), builds=tmp_path)
    assert once["model"].abs().max() > 0
    pd.testing.assert_frame_equal(once, twice)
