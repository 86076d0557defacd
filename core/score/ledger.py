"""Ledger of the score: how own figures, market and rules moved each score since last month, in whole points.

Reads  opportunity_history, businesses, revenue, loans, repayments, season_index; the previous build
Writes scores_shown(business_id, as_of, score, tier, exact, build_id), score_ledger(business_id, as_of, score_before,
       score, change, own, market, model, tier_before, tier, tier_own, tier_market, tier_model, ..._exact, basis)

    score shown last month --model--> same data, rules of today --market, own--> score now

model   Last month's data as the previous build had them, scored with the policy and the seasonal index of this build,
        minus the score that was shown. 0 where no build showed last month; `basis` gives the reason.
market  Effect of the newest month of the peers (category and region). Their move is the median of the newest month's
        log change beyond the season, shrunk towards the category. The changes of the peers, against which the industry
        component ranks, and the medians for short histories move with it. The effect is measured with the business's
        own newest month and without it, and the two are averaged: the order of two causes must not matter (Shapley
        value of two players, https://en.wikipedia.org/wiki/Shapley_value). A usual season is no move; an unusual one
        is the same for all peers.
own     The rest: the business's own newest month, its arrears and status, corrected figures, and the months that leave
        the window of 24 months or change their place in it.

All parts are measured on the score after shrinkage and caps, before rounding (`..._exact`), so each contains its share
of both. Whole points are allocated by largest remainder, so they add up to the move of the whole scores; a part that is
exactly 0 stays 0, and rounding changes no part by a point or more. Tiers go the same way: model, market, own.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa

from core import db
from core.calendar import month_end
from core.score import opportunity
from core.score.components import FLOOR_KRW, YEAR, components
from core.tables import clear

# Values of `basis`: what the model's part was compared with.
COMPARED, FIRST, NOT_SHOWN, UNFIT = "compared", "first_build", "month_not_shown", "unfit"
# Scenario -> does it have the newest month of the business, does it have that of the market.
SCENARIOS = {"ledger_own_only": (True, False), "ledger_market_only": (False, True), "ledger_neither": (False, False)}
DATA = ("businesses", "revenue", "loans", "repayments")
STEPS = ("ledger_months", "ledger_months_before", "ledger_moves", "ledger_rescored", "ledger_scored", *SCENARIOS)


def write(con: db.Connection, as_of: date, builds: Path) -> int:
    """Write scores_shown and score_ledger for the month up to `as_of`; number of rows of score_ledger.

    Parameters
    ----------
    builds : folder of builds; the one that CURRENT names is the previous build
    """
    before = month_end(as_of, 1)
    basis = write_shown(con, as_of, builds)
    for table, day in (("ledger_months", as_of), ("ledger_months_before", before)):
        db.create_table(con, table, "core/score/sql/score_months", {"as_of": day})
    params = opportunity.peer_params() | {"floor_krw": FLOOR_KRW}
    db.create_table(con, "ledger_moves", "core/score/sql/ledger_moves", params)
    for scenario, (own, market) in SCENARIOS.items():
        create_scenario(con, scenario, as_of, own=own, market=market)
    params = {"as_of": as_of, "before": before, "basis": basis} | opportunity.tier_params()
    rows = db.create_table(con, "score_ledger", "core/score/sql/score_ledger", params)
    for table in STEPS:
        con.execute(f"DROP TABLE IF EXISTS {table}")
    return rows


def create_scenario(con: db.Connection, table: str, as_of: date, *, own: bool, market: bool) -> None:
    """Create `table`(business_id, exact): all scores with or without the own and the market's newest month."""
    db.create_table(con, "ledger_scenario", "core/score/sql/ledger_scenario", {"own": own, "market": market})
    opportunity.create_components(con, "ledger_scenario", components)
    days: opportunity.Params = {"as_of": as_of, "market": as_of if market else month_end(as_of, 1)}
    db.create_table(con, "score_peers", "core/score/sql/ledger_peers", days | opportunity.peer_params())
    opportunity.create_points(con)
    db.create_table(con, "score_medians", "core/score/sql/ledger_medians", days)
    opportunity.write_scores(con, "ledger_scored", YEAR)
    db.create_table(con, table, "core/score/sql/ledger_exact")
    opportunity.drop_steps(con)
    con.execute("DROP TABLE ledger_scenario")


def write_shown(con: db.Connection, as_of: date, builds: Path) -> str:
    """Write scores_shown and ledger_rescored from the previous build; the `basis` of the comparison.

    A second build of the same month takes scores_shown from the first: a change of the bank's rules stays visible until
    the next month, however often the bank rebuilds.
    """
    for table in ("scores_shown", "ledger_rescored"):
        clear(con, table)
    if not (builds / db.CURRENT).exists():
        return FIRST
    build_id = db.current_build(builds)
    with db.connect() as past:
        past.execute("ATTACH $path AS previous (READ_ONLY)", {"path": str(builds / build_id / db.DATABASE)})
        if len(db.query(past, "core/score/sql/ledger_missing")):
            return UNFIT
        shown = _shown(past, as_of, build_id)
        if not shown.num_rows:
            return NOT_SHOWN
        _insert(con, "scores_shown", shown)
        _insert(con, "ledger_rescored", _rescored(past, con, month_end(as_of, 1)))
    return COMPARED


def _shown(past: db.Connection, as_of: date, build_id: str) -> pa.Table:
    """Rows of scores_shown: those of the previous build if it is of the same month, else the scores it showed."""
    before = month_end(as_of, 1)
    newest = past.execute("SELECT max(as_of) FROM previous.opportunity_history").fetchall()[0][0]
    if newest == as_of and db.has_table(past, "scores_shown"):
        rows = past.sql(db.sql("core/score/sql/ledger_shown_before"), params={"before": before}).to_arrow_table()
        if rows.num_rows:
            return rows
    params = {"before": before, "build": build_id}
    return past.sql(db.sql("core/score/sql/ledger_shown"), params=params).to_arrow_table()


def _rescored(past: db.Connection, con: db.Connection, before: date) -> pa.Table:
    """Business and exact score: the previous build's data at `before`, scored by the rules of this build."""
    for table in DATA:
        past.execute(f"CREATE VIEW {table} AS FROM previous.{table}")
    past.register("season_now", con.sql("FROM season_index").to_arrow_table())
    past.execute("CREATE TABLE season_index AS FROM season_now")
    opportunity.score(past, before, "ledger_scored")
    return past.sql(db.sql("core/score/sql/ledger_exact")).to_arrow_table()


def _insert(con: db.Connection, table: str, rows: pa.Table) -> None:
    con.register("ledger_rows", rows)
    con.execute(f"INSERT INTO {table} BY NAME FROM ledger_rows")
    con.unregister("ledger_rows")
