"""Features of segments: their names, and their values for every business of a build.

Reads  businesses, revenue, balances, loans, holdings, opportunity_now (or opportunity_history), pd_scores, churn_scores
Writes segment_inputs(business_id, state, features …)

Income and spending are means of twelve months under a logarithm. A business that lacks a feature belongs to no segment
of a view with that feature: an imputed value would describe the imputation.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from core import db, tables
from core.config import policy
from core.errors import DataError

# In the order of the pages. DESCRIPTIVE columns describe a segment; nothing is clustered on them.
FEATURES = (
    *("income", "spend", "risk", "growth", "borrowing", "cushion", "volatility", "ticket", "logins", "products"),
)
DESCRIPTIVE = ("pd_12m", "churn_3m")
MIN_MONTHS = 6  # known months of twelve that make a mean


def create_inputs(con: db.Connection, as_of: date) -> int:
    """Create segment_inputs, which the build keeps for trials with other features and k; its number of rows."""
    tables.ensure(con, "pd_scores", "churn_scores")
    con.execute("CREATE OR REPLACE TEMP TABLE segment_scores AS FROM opportunity_now")
    return _create(con, as_of, "segment_inputs")


def past_inputs(con: db.Connection, as_of: date) -> pd.DataFrame:
    """Rows of segment_inputs as they were known on a past day, in the order of the ids."""
    scores = "CREATE OR REPLACE TEMP TABLE segment_scores AS FROM opportunity_history WHERE as_of = $as_of"
    con.execute(scores, {"as_of": as_of})
    _create(con, as_of, "segment_inputs_then")
    rows = con.execute("FROM segment_inputs_then ORDER BY business_id").df()
    con.execute("DROP TABLE segment_inputs_then")
    return rows


def _create(con: db.Connection, as_of: date, table: str) -> int:
    params = {
        "as_of": as_of,
        "months": MIN_MONTHS,
        "floor_krw": policy()["churn"]["floor_krw"],
        "has_loans": db.count(con, "loans") > 0,
        "has_holdings": db.count(con, "holdings") > 0,
    }
    return db.create_table(con, table, "core/models/segments/sql/segment_inputs", params)


def businesses(con: db.Connection) -> pd.DataFrame:
    """Rows of segment_inputs with district, tier and the DESCRIPTIVE columns, in the order of the ids."""
    return db.query(con, "core/models/segments/sql/segment_businesses")


def open_businesses(con: db.Connection) -> pd.DataFrame:
    """The rows of `businesses` that are not closed."""
    rows = businesses(con)
    return rows[rows["state"] == "OPEN"]


def complete_values(rows: pd.DataFrame, features: Sequence[str]) -> np.ndarray:
    """Values of the rows that have all these features, (n, n_features), in the order of the rows.

    Raises
    ------
    DataError : fewer rows than policy.toml asks for
    """
    values = rows[list(features)].dropna().to_numpy(float)
    minimum = policy()["segments"]["min_businesses"]
    if len(values) < minimum:
        raise DataError(
            f"{len(values)} businesses have all of {list(features)}; segments need {minimum}; send the tables"
        )
    return values
