"""What a model's rows looked like when it learned: a frozen sample beside its files, for whoever asks about drift.

It is kept with the version, so that a champion that is held is compared with its own training and not with that of the
newest build.

Writes <folder>/reference.csv
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

FILE = "reference.csv"
ROWS = 2_000  # D of 0.10 is seen with certainty; more rows would only make the registry larger
TIME = "as_of"
SEED = 11


def keep(folder: Path, rows: pd.DataFrame, features: Sequence[str], time: str = TIME, words: Sequence[str] = ()) -> int:
    """Write a sample of the rows a model was fitted on, whole population not events alone; its number of rows."""
    drawn = rows.sample(min(ROWS, len(rows)), random_state=SEED).sort_index()
    sample = drawn[[time, *words, *features]].rename(columns={time: TIME})
    # Seven digits: no test of distributions can tell the rest.
    sample.to_csv(folder / FILE, index=False, float_format="%.7g")
    return len(sample)


def load(folder: Path) -> pd.DataFrame:
    """The sample, with `as_of`; empty for versions that were trained before samples were kept."""
    path = folder / FILE
    return pd.read_csv(path, parse_dates=[TIME]) if path.exists() else pd.DataFrame()
