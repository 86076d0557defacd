"""Small made-up tables for the tests of the comparison."""

from typing import Any

import numpy as np
import pandas as pd

from core.compare.comparison_data import prepare
from core.compare.pipelines import TrainingPart
from core.compare.table import Options, Table

QUICK = Options(seconds=0, smote=False, explain=False, models=("logistic", "lightgbm"))


def loans(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    """Rows with two numbers that matter, one that does not, a category, missing values, and a 0/1 label."""
    random = np.random.default_rng(seed)
    debt, sales, noise = random.normal(size=(3, rows))
    branch = random.integers(0, 4, rows)
    chance = 1 / (1 + np.exp(1.0 - 1.5 * debt + sales - 0.5 * (branch == 2)))
    frame = pd.DataFrame({"debt": debt, "sales": sales, "noise": noise, "branch": [f"b{code}" for code in branch]})
    frame.loc[random.random(rows) < 0.1, "sales"] = np.nan
    return frame.assign(bad=(random.random(rows) < chance).astype(int))


def table(rows: pd.DataFrame, **roles: Any) -> Table:
    """A Table over every column that has no other role."""
    taken = {"bad", *(name for name in (roles.get("entity"), roles.get("time"), roles.get("fold")) if name)}
    features = roles.pop("features", tuple(name for name in rows.columns if name not in taken))
    return Table(rows, "bad", roles.pop("entity", None), roles.pop("time", None), features, **roles)


def part_of(frame: pd.DataFrame, rows: np.ndarray) -> TrainingPart:
    """The training part of some rows."""
    return prepare(table(frame), Options()).part(rows)
