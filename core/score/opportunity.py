"""Opportunity score of every business, 0 to 100, with its points, state and tier; definition: docs/score.md.

Reads  businesses, revenue, loans, repayments, season_index
Writes the named table, one row per business known at `as_of`

The score is the bank's policy, not a probability: weights, anchors, caps and tiers come from policy.toml. Only the
seasonal index (core/score/season.py) is estimated from data. The steps are tables:
score_months -> score_components (numpy) -> score_peers -> score_points -> score_medians -> scores.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import pyarrow as pa

from core import db
from core.config import policy
from core.fingerprint import code_version
from core.progress import Progress
from core.score import season
from core.score.components import SCHEMA, YEAR, components

BATCH_ROWS = 50_000
# Rows (businesses x dates) that go through the steps together: a small bank pays for each SQL statement once for many
# dates, a large bank needs memory for one date only.
ROWS_AT_ONCE = 250_000
STEPS = ("score_months", "score_components", "score_peers", "score_points", "score_medians")

Params = dict[str, object]
Components = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def version() -> str:
    """Version of the rules of the score, from policy and code: `rules-` and eight hex digits."""
    decisions = json.dumps(policy()["score"], sort_keys=True)
    return f"rules-{hashlib.sha256((decisions + code_version(__name__)).encode()).hexdigest()[:8]}"


def score(con: db.Connection, as_of: date, table: str) -> int:
    """Create `table` with the score of every business known at `as_of`; its number of rows."""
    return history(con, [as_of], table)


def history(con: db.Connection, as_ofs: list[date], table: str, progress: Progress | None = None) -> int:
    """Create `table` with the scores at each of `as_ofs`, from what was known on that day; its number of rows."""
    if not db.has_table(con, "season_index"):
        season.create_index(con, max(as_ofs))
    at_once = max(1, ROWS_AT_ONCE // max(1, db.count(con, "businesses")))
    for start in range(0, len(as_ofs), at_once):
        for place, as_of in enumerate(as_ofs[start : start + at_once], start):
            write_rows(con, "score_months", "core/score/sql/score_months", {"as_of": as_of}, append=place > start)
            if progress:
                progress(as_of.isoformat(), (place + 1) / len(as_ofs))
        create_components(con, "score_months", components)
        create_peers(con)
        create_points(con)
        write_scores(con, table, YEAR, append=start > 0)
    drop_steps(con)
    return db.count(con, table)


def create_components(con: db.Connection, source: str, function: Components) -> None:
    """score_components from the rows of `source`, streamed through `function` in Arrow batches."""
    cursor = con.cursor()
    batches = cursor.sql(f"FROM {source}").to_arrow_reader(BATCH_ROWS)
    con.register("component_batches", pa.RecordBatchReader.from_batches(SCHEMA, function(batches)))
    con.execute("CREATE OR REPLACE TABLE score_components AS FROM component_batches")
    con.unregister("component_batches")
    cursor.close()


def create_peers(con: db.Connection) -> None:
    """score_peers: the industry component, from the changes of all businesses."""
    db.create_table(con, "score_peers", "core/score/sql/score_peers", peer_params())


def create_points(con: db.Connection) -> None:
    """score_points: points per component; score_medians: the medians that short histories are shrunk towards."""
    rules = policy()["score"]
    weights = {f"w_{name}": weight for name, weight in rules["weights"].items()}
    db.create_table(con, "score_points", "core/score/sql/score_points", weights | {"min_weight": rules["min_weight"]})
    params = {"peer_min_category": rules["peer_min_category"]}
    db.create_table(con, "score_medians", "core/score/sql/score_medians", params)


def write_scores(con: db.Connection, table: str, full_history: int, *, append: bool = False) -> None:
    """Scores from score_points and score_medians; `full_history` observed periods need no shrinkage."""
    rules = policy()["score"]
    caps = {f"cap_{name}": cap for name, cap in rules["caps"].items()}
    params = caps | tier_params() | {"months_full": full_history, "min_weight": rules["min_weight"]}
    write_rows(con, table, "core/score/sql/opportunity_history", params, append=append)


def write_rows(con: db.Connection, table: str, name: str, params: Params, *, append: bool) -> None:
    """Create `table` from the SELECT in <name>.sql, or append its rows to it."""
    if append:
        db.insert(con, table, name, params)
    else:
        db.create_table(con, table, name, params)


def peer_params() -> Params:
    """Parameters of the peers' percentile: peer_prior and peer_min_category."""
    return {name: policy()["score"][name] for name in ("peer_prior", "peer_min_category")}


def tier_params() -> Params:
    """Last score of tiers 1 to 4: tier_1, …, tier_4."""
    return {f"tier_{tier}": end for tier, end in enumerate(policy()["score"]["tier_ends"], 1)}


def drop_steps(con: db.Connection) -> None:
    """Drop the tables between the steps; with a million businesses they take almost a gigabyte."""
    for step in STEPS:
        con.execute(f"DROP TABLE IF EXISTS {step}")
