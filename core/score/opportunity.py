"""How good a business's situation is, 0 to 100, by fixed weights: the opportunity score, its points, state and tier.

Reads  businesses, revenue, loans, repayments, season_index
Writes the table asked for, one row per business known at `as_of`

A score is policy, not a probability: weights, anchors, caps and tiers come from policy.toml, nothing is fitted here
but the seasonal index (core/score/season.py), which is frozen. The steps are tables:
score_months -> score_components (numpy) -> score_peers -> score_points -> score_medians -> the result.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import pyarrow as pa

from core import db
from core.config import policy
from core.fingerprint import code_version
from core.score.components import SCHEMA, YEAR, components
from core.score.season import load_season, save_season, season_index

__all__ = ["combine", "history", "load_season", "rate", "save_season", "score", "season_index", "version"]

BATCH_ROWS = 50_000
# Rows of business x date that go through the steps together: a small book's dates share the cost of a statement, a
# large book's memory stays that of one date.
ROWS_AT_ONCE = 250_000
STEPS = ("score_months", "score_components", "score_peers", "score_points", "score_medians")

Progress = Callable[[str, float], None]
Rater = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def version() -> str:
    """Version of the rules that make the score, of policy and code: `rules-` and eight hex digits."""
    decisions = json.dumps(policy()["score"], sort_keys=True)
    return f"rules-{hashlib.sha256((decisions + code_version(__name__)).encode()).hexdigest()[:8]}"


def score(con: db.Connection, as_of: date, table: str) -> int:
    """Create `table` with the score of every business known at `as_of`; its number of rows."""
    return history(con, [as_of], table)


def history(con: db.Connection, as_ofs: list[date], table: str, progress: Progress | None = None) -> int:
    """Create `table` with the scores at each of `as_ofs`, each as it could have been known on that day."""
    if not db.has_table(con, "season_index"):
        season_index(con, max(as_ofs))
    at_once = max(1, ROWS_AT_ONCE // max(1, db.count(con, "businesses")))
    for start in range(0, len(as_ofs), at_once):
        _score_dates(con, as_ofs, start, start + at_once, progress or _silent)
        if start == 0:
            con.execute(f"CREATE OR REPLACE TABLE {table} AS FROM score_of_dates")
        else:
            con.execute(f"INSERT INTO {table} BY NAME FROM score_of_dates")
    con.execute("DROP TABLE IF EXISTS score_of_dates")
    return db.count(con, table)


def _score_dates(con: db.Connection, as_ofs: list[date], start: int, end: int, progress: Progress) -> None:
    """score_of_dates: as_ofs[start:end] through the steps together; after the first, as_of keeps them apart."""
    for done, as_of in enumerate(as_ofs[start:end], start):
        if done == start:
            db.create_table(con, "score_months", "core/score/sql/score_months", {"as_of": as_of})
        else:
            db.insert(con, "score_months", "core/score/sql/score_months", {"as_of": as_of})
        progress(as_of.isoformat(), (done + 1) / len(as_ofs))
    rate(con, "score_months", components)
    rank_peers(con)
    weigh(con)
    combine(con, "score_of_dates", YEAR)
    drop_steps(con)


def _silent(note: str, fraction: float) -> None:
    """No progress display."""


def rate(con: db.Connection, source: str, rater: Rater) -> None:
    """score_components from the rows of `source`, streamed through `rater` in Arrow batches."""
    cursor = con.cursor()
    batches = cursor.sql(f"FROM {source}").to_arrow_reader(BATCH_ROWS)
    con.register("rated_batches", pa.RecordBatchReader.from_batches(SCHEMA, rater(batches)))
    con.execute("CREATE OR REPLACE TABLE score_components AS FROM rated_batches")
    con.unregister("rated_batches")
    cursor.close()


def rank_peers(con: db.Connection) -> None:
    """score_peers: the industry component, from the change of everybody."""
    rules = policy()["score"]
    wanted = {name: rules[name] for name in ("peer_prior", "peer_min_category")}
    db.create_table(con, "score_peers", "core/score/sql/score_peers", wanted)


def weigh(con: db.Connection) -> None:
    """score_points and score_medians: points per component, and what short histories are shrunk towards."""
    rules = policy()["score"]
    weights = {f"w_{name}": weight for name, weight in rules["weights"].items()}
    db.create_table(con, "score_points", "core/score/sql/score_points", weights | {"min_weight": rules["min_weight"]})
    db.create_table(
        con, "score_medians", "core/score/sql/score_medians", {"peer_min_category": rules["peer_min_category"]}
    )


def combine(con: db.Connection, table: str, months_full: int) -> int:
    """Create `table` from score_points and score_medians; `months_full` observed months need no shrinking."""
    rules = policy()["score"]
    caps = {f"cap_{name}": cap for name, cap in rules["caps"].items()}
    tiers = {f"tier_{tier}": end for tier, end in enumerate(rules["tier_ends"], 1)}
    rest = {"months_full": months_full, "min_weight": rules["min_weight"]}
    return db.create_table(con, table, "core/score/sql/opportunity_history", caps | tiers | rest)


def drop_steps(con: db.Connection) -> None:
    """Remove the tables between the steps; at a million businesses they weigh most of a gigabyte."""
    for step in STEPS:
        con.execute(f"DROP TABLE IF EXISTS {step}")
