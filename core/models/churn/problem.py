"""Chance that an active customer leaves: the definition of the problem.

The model speaks of the three months that begin one month after the as_of: an alarm comes a month or more ahead. What
leaving is stands in spells.py.

Reads  businesses, revenue, balances, loans, repayments, holdings, contacts
Writes nothing; core/models/classifier trains and scores (churn_scores)
"""

import pandas as pd

from core import db
from core.models.churn.spells import make_temp_tables
from core.models.classifier import metrics
from core.models.classifier.cohorts import CohortProblem
from core.models.classifier.problem import LABEL

FOLDER = "core/models/churn"
CAUSES = ("inactivity", "outflow", "main_bank_switch", "closure_of_products")
TOP_SHARE = 0.1


def _recall_by_cause(_: db.Connection, scored: pd.DataFrame) -> list[pd.DataFrame]:
    """Of those who left by each cause, the share in the tenth with the highest chance in their own month."""
    rank = scored.groupby("as_of")["p"].rank(ascending=False, method="first")
    size = scored.groupby("as_of")["p"].transform("size")
    leavers = scored.assign(in_top=rank <= TOP_SHARE * size)[scored[LABEL] == 1]
    groups = [("all", leavers), *((f"cause:{name}", rows) for name, rows in leavers.groupby("cause"))]
    return [_recall(name, rows) for name, rows in groups if len(rows)]


def _recall(name: str, leavers: pd.DataFrame) -> pd.DataFrame:
    in_top, n = int(leavers["in_top"].sum()), len(leavers)
    low, high = metrics.jeffreys(in_top, n)
    figures = {"slice": name, "metric": "recall_top_decile", "value": in_top / n, "low": low, "high": high}
    return pd.DataFrame([figures | {"n": n, "positives": n}])


CHURN = CohortProblem(
    name="churn",
    meaning="active customer whose leaving begins in the second to fourth month after the as_of: three months without"
    " anything the customer started, or the deposit at a fifth of usual, or money in at a fifth while the shop sells,"
    " or the last product given up; not when the business closes within three months",
    event="leavers",
    module=__name__,
    needs="no accounts or no sales in the book; a chance of leaving needs both, send balances and revenue",
    folder=FOLDER,
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
    indeterminate=("business_closed",),
    policy_from=(("default", "bad_dpd"),),
    compared=("single",),
    negative_sampling=3,  # under one in a hundred leaves; for time: log loss .0316 out of time, .0317 with all others
    make_temp_tables=make_temp_tables,
    test_metrics=_recall_by_cause,
)
