"""Real figures of Seoul that the demo follows.

Reads  data/reference/calibration*.csv, districts.csv, industries.csv
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from core import reference

# Where the city publishes no figure for an industry.
MISSING_SHARE = 0.08
QOQ_LOG_SD = 0.28
SURVIVAL_3Y = 0.56


@dataclass(frozen=True)
class Calibration:
    """Single figures by name (`facts`), and tables by industry, quarter, district and number of stores."""

    facts: dict[str, float]
    industries: pd.DataFrame
    quarters: pd.DataFrame
    districts: pd.DataFrame
    store_counts: pd.DataFrame


@cache
def calibration() -> Calibration:
    """All figures; gaps of an industry are filled with the mean of its family or our own choice."""
    facts = pd.read_csv(reference.file("calibration.csv")).set_index("fact")["value"].to_dict()
    return Calibration(
        facts=facts,
        industries=_industries(),
        quarters=pd.read_csv(reference.file("calibration_quarters.csv"), dtype={"quarter": str}),
        districts=_districts(),
        store_counts=pd.read_csv(reference.file("calibration_store_counts.csv")),
    )


def _industries() -> pd.DataFrame:
    names = pd.read_csv(reference.file("industries.csv"), dtype=str)
    rows = pd.read_csv(reference.file("calibration_industries.csv")).merge(names, on="industry_code", validate="1:1")
    seasons = [f"season_q{k}" for k in (1, 2, 3, 4)]
    rows[seasons] = rows[seasons].fillna(rows.groupby("family")[seasons].transform("mean"))
    # Deviations from the year's own level: their sum is 0.
    rows[seasons] = rows[seasons].sub(rows[seasons].mean(axis=1), axis=0)
    return rows.fillna({"missing_share": MISSING_SHARE, "qoq_log_sd": QOQ_LOG_SD, "survival_3y": SURVIVAL_3Y})


def _districts() -> pd.DataFrame:
    text = {"district_code": str}
    places = pd.read_csv(reference.file("districts.csv"), dtype=text)
    shares = pd.read_csv(reference.file("calibration_districts.csv"), dtype=text)
    rows = places.merge(shares, on="district_code", validate="1:1")
    rows["sales_share"] /= rows["sales_share"].sum()
    return rows


def seasons(industries: pd.DataFrame) -> np.ndarray:
    """(n_industries, 4) log deviation of a quarter from the year's level."""
    return industries[[f"season_q{k}" for k in (1, 2, 3, 4)]].to_numpy()
