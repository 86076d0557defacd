"""Probability of default within twelve months: the definition of the problem.

Reads  businesses, revenue, balances, loans, repayments, holdings, contacts, market_sales, market_stores;
       opportunity_history(business_id, as_of, tier) when it exists
Writes nothing; core/models/classifier trains and scores (pd_scores)
"""

import pandas as pd

from core import db
from core.models.classifier import metrics
from core.models.classifier.cohorts import CohortProblem

FOLDER = "core/models/default"


def _rates_by_tier(con: db.Connection, _: pd.DataFrame) -> list[pd.DataFrame]:
    """Default rates by tier of the opportunity score on the same test rows: does the score order risk?"""
    if not db.has_table(con, "opportunity_history"):
        return []
    rows = db.query(con, "core/models/default/sql/rates_by_tier")
    return [metrics.rates(rows, "tier")] if len(rows) else []


DEFAULT = CohortProblem(
    name="default",
    meaning="90 days past due or more within 12 months on a loan open at the as_of",
    event="bads",
    module=__name__,
    needs="no sales or no repayments in the book; a PD needs both, send revenue and repayments",
    folder=FOLDER,
    families=(
        "core/features/sql/feature_open_loans",
        "core/features/sql/feature_population",
        "core/features/sql/feature_revenue",
        "core/features/sql/feature_balances",
        "core/features/sql/feature_loans",
        "core/features/sql/feature_relationship",
        "core/features/sql/feature_peers",
        "core/models/default/sql/default_market",
    ),
    score_table="pd_scores",
    probability="pd_12m",
    bands="pd_bands",
    band_names=("a", "b", "c", "d"),
    indeterminate=("indeterminate",),
    compared=("single", "plain"),
    test_metrics=_rates_by_tier,
)
