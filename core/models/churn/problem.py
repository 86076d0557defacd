"""Chance that an active customer leaves: what risk.py has to know about it, and the monthly book-keeping.

Leaving is what customers do, not a closed account (domain notes F): silence, a drained deposit, sales sent elsewhere,
or the last product given up. The four are read from the account month by month (labels_churn_signs.sql), joined to
spells with a beginning and maybe a return (labels_churn_spells.sql); labels and monthly flows count the same spells.
The model speaks of the three months that begin one month after the as_of: an alarm comes a month or more ahead.

Reads  businesses, revenue, balances, loans, repayments, holdings, contacts
Writes churn_scores, churn_flows, churn_causes and the tables and files named in risk.py
"""

from datetime import date
from pathlib import Path

import pandas as pd

from core import db, tables
from core.models.classifier import metrics
from core.models.classifier import train as risk
from core.models.classifier.model import Model
from core.models.classifier.problem import Problem

NAME = "churn"
REPORT = risk.REPORT
CAUSES = ("inactivity", "outflow", "main_bank_switch", "closure_of_products")
TOP_SHARE = 0.1
# Temporary tables of this connection: the account by month, and who was away from when to when.
GROUND = ("churn_months", "churn_endings", "churn_signs", "churn_spells")


def lay(con: db.Connection) -> None:
    """Make the spells that population, labels and flows read, once a connection."""
    if db.has_table(con, "churn_spells"):
        return
    told = CHURN.decisions
    covered = con.execute(db.sql("core/models/churn/sql/span")).fetchall()[0][1]
    signs = {key: told[key] for key in ("left_share", "back_share", "floor_krw")}
    parameters: tuple[dict[str, object], ...] = ({"covered": covered}, {}, signs, {})
    for table, values in zip(GROUND, parameters, strict=True):
        db.create_table(con, table, f"core/models/churn/sql/{table}", values, temporary=True)


def lift(con: db.Connection) -> None:
    """Remove what `lay` made, for instance because the accounts have changed."""
    for table in GROUND:
        con.execute(f"DROP TABLE IF EXISTS {table}")


def _by_cause(_: db.Connection, scored: pd.DataFrame) -> list[pd.DataFrame]:
    """Of those who left by each cause, the share in the tenth with the highest chance in their own month."""
    rank = scored.groupby("as_of")["p"].rank(ascending=False, method="first")
    size = scored.groupby("as_of")["p"].transform("size")
    leavers = scored.assign(caught=rank <= TOP_SHARE * size)[scored["bad"] == 1]
    groups = [("all", leavers), *((f"cause:{name}", rows) for name, rows in leavers.groupby("cause"))]
    return [_caught(name, rows) for name, rows in groups if len(rows)]


def _caught(name: str, leavers: pd.DataFrame) -> pd.DataFrame:
    caught, n = int(leavers["caught"].sum()), len(leavers)
    low, high = metrics.jeffreys(caught, n)
    figures = {"slice": name, "metric": "recall_top_decile", "value": caught / n, "low": low, "high": high}
    return pd.DataFrame([figures | {"n": n, "positives": n}])


CHURN = Problem(
    name=NAME,
    label="active customer whose leaving begins in the second to fourth month after the as_of: three months without"
    " anything the customer started, or the deposit at a fifth of usual, or money in at a fifth while the shop sells,"
    " or the last product given up; not when the business closes within three months",
    event="leavers",
    needs="no accounts or no sales in the book; a chance of leaving needs both, send balances and revenue",
    folder="core/models/churn",
    families=(
        "core/features/sql/feature_open_loans",
        "core/features/sql/feature_population",
        "core/features/sql/feature_revenue",
        "core/features/sql/feature_balances",
        "core/features/sql/feature_loans",
        "core/features/sql/feature_relationship",
        "core/features/sql/feature_peers",
        "core/models/churn/sql/churn_population",
        "core/models/churn/sql/churn_account",
        "core/models/churn/sql/churn_products",
        "core/models/churn/sql/churn_contacts",
        "core/models/churn/sql/churn_season",
    ),
    score_table="churn_scores",
    probability="churn_3m",
    bands="levels",
    band_names=("watch", "risk", "severe"),
    unclear=("business_closed",),
    borrowed=(("default", "bad_dpd"),),
    plain_candidate=False,
    one_in=3,  # under one in a hundred leaves; for time: log loss .0316 out of time, .0317 with all the others
    lay=lay,
    further=_by_cause,
)


def train(con: db.Connection, folder: Path, progress: risk.Progress | None = None) -> Model | None:
    """Train, judge and save the model into `folder`; None when the book cannot carry one."""
    return risk.train(CHURN, con, folder, progress)


def score(con: db.Connection, model: Model | None, as_of: date, explain: bool | None = None) -> int:
    """Score every business known at `as_of` into churn_scores; the number of rows."""
    return risk.score(CHURN, con, model, as_of, explain)


def flows(con: db.Connection) -> int:
    """Write churn_flows and churn_causes: who came, left, returned, closed, by month and manager; rows of flows."""
    tables.ensure(con, "churn_flows", "churn_causes")
    covered = con.execute(db.sql("core/models/churn/sql/span")).fetchall()[0][1]
    if covered is None:
        return 0
    lay(con)
    for table in ("churn_states", "churn_moves"):
        db.create_table(con, table, f"core/models/churn/sql/{table}", temporary=True)
    for table in ("churn_flows", "churn_causes"):
        db.create_table(con, table, f"core/models/churn/sql/{table}", {"covered": covered})
    con.execute("DROP TABLE churn_states; DROP TABLE churn_moves")
    return db.count(con, "churn_flows")
