"""Why a score moved since last month: own data, the market, the model, in whole points that add up to the move.

Reads  opportunity_history, businesses, revenue, loans, repayments, season_index; the build before
Writes scores_shown(business_id, as_of, score, tier, exact, build_id), score_ledger(business_id, as_of, score_before,
       score, change, own, market, model, tier_before, tier, tier_own, tier_market, tier_model, ..._exact, basis)

    shown last month --model--> the same data by today's rules --market, own--> now

model   Last month's data, as the build before had them, scored by this build's policy and seasonal index, less what was
        shown then. 0 where no build has shown last month; `basis` says so.
market  What the newest month of the peers (category and region) alone did. Their move is the median of the newest
        month's log change beyond the season, shrunk towards the category; with it move the peers' changes, against
        which the industry component ranks, and the medians to which short histories are shrunk. Measured twice, with
        the business's own newest month (now, less "the market had stood still") and without it ("it had moved with the
        market", less "nothing had moved"), and averaged: the order in which the two are told must not matter (Shapley
        value of two players). A season as usual is no move; a season unlike the usual is common to the peers.
own     The rest: the business's own newest month, its arrears and status, corrected figures, and the months that leave
        or change their place in the 24 months looked at.

All parts are taken of the score after shrinkage and caps, before rounding (`..._exact`), so that both are allotted to
what moved them. Whole points come by largest remainder, so that they add up to the move of the whole scores; a part
that is exactly 0 stays 0, no part moves by a point or more. Tiers walk the same way: model, market, own.
"""

from datetime import date
from pathlib import Path

import pyarrow as pa

from core import db
from core.calendar import month_end
from core.config import policy
from core.score import opportunity
from core.score.components import FLOOR_KRW, YEAR, components
from core.tables import clear

# Why the model's part is what it is.
COMPARED, FIRST, NOT_SHOWN, UNFIT = "compared", "first_build", "month_not_shown", "unfit"
# Scenario -> did the own newest month happen, did the market's.
SCENARIOS = {"ledger_frozen": (True, False), "ledger_followed": (False, True), "ledger_kept": (False, False)}
PEER_RULES = ("peer_prior", "peer_min_category")
DATA = ("businesses", "revenue", "loans", "repayments")
STEPS = ("ledger_months", "ledger_months_before", "ledger_moves", "ledger_rescored", "ledger_scored", *SCENARIOS)


def write(con: db.Connection, as_of: date, builds: Path) -> int:
    """Write scores_shown and score_ledger for the month up to `as_of`; its number of rows.

    Parameters
    ----------
    builds : folder of builds; the one that CURRENT names is the build before
    """
    before = month_end(as_of, 1)
    basis = shown(con, as_of, builds)
    for table, day in (("ledger_months", as_of), ("ledger_months_before", before)):
        db.create_table(con, table, "core/score/sql/score_months", {"as_of": day})
    db.create_table(con, "ledger_moves", "core/score/sql/ledger_moves", _peer_rules() | {"floor_krw": FLOOR_KRW})
    for scenario, (own, market) in SCENARIOS.items():
        rate(con, scenario, as_of, own_moves=own, market_moves=market)
    tiers = {f"tier_{tier}": end for tier, end in enumerate(policy()["score"]["tier_ends"], 1)}
    days = {"as_of": as_of, "before": before}
    rows = db.create_table(con, "score_ledger", "core/score/sql/score_ledger", days | tiers | {"basis": basis})
    for table in STEPS:
        con.execute(f"DROP TABLE IF EXISTS {table}")
    return rows


def rate(con: db.Connection, table: str, as_of: date, *, own_moves: bool, market_moves: bool) -> None:
    """Create `table`(business_id, exact): everybody's score had the own or the market's newest month not happened."""
    moved = {"own_moves": own_moves, "market_moves": market_moves}
    db.create_table(con, "ledger_scenario", "core/score/sql/ledger_scenario", moved)
    opportunity.rate(con, "ledger_scenario", components)
    days: dict[str, object] = {"as_of": as_of, "market": as_of if market_moves else month_end(as_of, 1)}
    db.create_table(con, "score_peers", "core/score/sql/ledger_peers", days | _peer_rules())
    opportunity.weigh(con)
    db.create_table(con, "score_medians", "core/score/sql/ledger_medians", days)
    opportunity.combine(con, "ledger_scored", YEAR)
    db.create_table(con, table, "core/score/sql/ledger_exact")
    opportunity.drop_steps(con)
    con.execute("DROP TABLE ledger_scenario")


def shown(con: db.Connection, as_of: date, builds: Path) -> str:
    """Write scores_shown and ledger_rescored from the build before; the code of what could be compared.

    A second build of the same month keeps what was shown when the month before was new: however often the bank
    rebuilds, a change of its rules stays visible until the next month.
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
        found = _found(past, as_of, build_id)
        if not found.num_rows:
            return NOT_SHOWN
        _take(con, "scores_shown", found)
        _take(con, "ledger_rescored", _rescored(past, con, month_end(as_of, 1)))
    return COMPARED


def _found(past: db.Connection, as_of: date, build_id: str) -> pa.Table:
    """Rows of scores_shown: kept by the build before where it is of the same month, else what that build showed."""
    before = month_end(as_of, 1)
    newest = past.execute("SELECT max(as_of) FROM previous.opportunity_history").fetchall()[0][0]
    if newest == as_of and db.has_table(past, "scores_shown"):
        kept = past.sql(db.sql("core/score/sql/ledger_carried"), params={"before": before}).to_arrow_table()
        if kept.num_rows:
            return kept
    wanted = {"before": before, "build": build_id}
    return past.sql(db.sql("core/score/sql/ledger_shown"), params=wanted).to_arrow_table()


def _rescored(past: db.Connection, con: db.Connection, before: date) -> pa.Table:
    """Business and exact score: the data of the build before at `before` under the rules of this build."""
    for table in DATA:
        past.execute(f"CREATE VIEW {table} AS FROM previous.{table}")
    past.register("season_now", con.sql("FROM season_index").to_arrow_table())
    past.execute("CREATE TABLE season_index AS FROM season_now")
    opportunity.score(past, before, "ledger_scored")
    return past.sql(db.sql("core/score/sql/ledger_exact")).to_arrow_table()


def _take(con: db.Connection, table: str, rows: pa.Table) -> None:
    con.register("ledger_rows", rows)
    con.execute(f"INSERT INTO {table} BY NAME FROM ledger_rows")
    con.unregister("ledger_rows")


def _peer_rules() -> dict[str, object]:
    return {name: policy()["score"][name] for name in PEER_RULES}
