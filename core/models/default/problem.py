"""Probability of default within twelve months: what the trainer of risk.py has to know about it.

Reads  businesses, revenue, balances, loans, repayments, holdings, contacts, market_sales, market_stores;
       opportunity_history(business_id, as_of, tier) when it exists
Writes pd_scores and the tables and files named in risk.py
"""

from datetime import date
from pathlib import Path

import pandas as pd

from core import db
from core.models.classifier import metrics
from core.models.classifier import train as risk
from core.models.classifier.model import Model
from core.models.classifier.problem import Problem

NAME = "default"
REPORT = risk.REPORT


def _by_tier(con: db.Connection, _: pd.DataFrame) -> list[pd.DataFrame]:
    """Default rates by tier of the opportunity score on the same test rows: does the score order risk?"""
    if not db.has_table(con, "opportunity_history"):
        return []
    tiers = db.query(con, "core/models/default/sql/rates_by_tier")
    return [metrics.rates(tiers, "tier")] if len(tiers) else []


DEFAULT = Problem(
    name=NAME,
    label="90 days past due or more within 12 months on a loan open at the as_of",
    event="bads",
    needs="no sales or no repayments in the book; a PD needs both, send revenue and repayments",
    folder="core/models/default",
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
    unclear=("indeterminate",),
    further=_by_tier,
)


def train(con: db.Connection, folder: Path, progress: risk.Progress | None = None) -> Model | None:
    """Train, judge and save the model into `folder`; None when the book cannot carry one."""
    return risk.train(DEFAULT, con, folder, progress)


def score(con: db.Connection, model: Model | None, as_of: date, explain: bool | None = None) -> int:
    """Score every business known at `as_of` into pd_scores; the number of rows."""
    return risk.score(DEFAULT, con, model, as_of, explain)
