"""What a model may know: one entry a feature, with its reason group, the sign its effect must have, and its lag.

Reads  data/reference/features.csv (default), features_churn.csv
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from core import reference
from core.errors import ConfigError

# Never inputs: outcomes in disguise, identity, and what the law or decency keeps out (owner's age and sex).
DENIED = ("status", "closed", "sex", "gender", "birth", "owner", "nationality", "marital", "name", "registration")
ALLOWED = ("market_closed_share",)  # the street's closures in a published quarter, not the shop's own


@dataclass(frozen=True)
class Feature:
    """One feature; `sign` +1: may only raise the risk, -1: only lower it, 0: either."""

    feature: str
    reason: str
    sign: int
    unit: str
    lag_days: int
    changeable: bool
    meaning: str


FILES = {"default": "features.csv", "churn": "features_churn.csv"}


@cache
def catalogue(model: str = "default") -> tuple[Feature, ...]:
    """The features of a model, in the order of its file.

    >>> {feature.sign for feature in catalogue()} <= {-1, 0, 1}
    True
    """
    found = tuple(_feature(row) for row in reference.rows(FILES[model]))
    refuse_denied([feature.feature for feature in found])
    return found


def _feature(row: dict[str, str]) -> Feature:
    return Feature(
        row["feature"],
        row["reason"],
        int(row["sign"]),
        row["unit"],
        int(row["lag_days"]),
        row["changeable"] == "yes",
        row["meaning"],
    )


def refuse_denied(features: Sequence[str]) -> None:
    """Raise when a feature is one that a model must never see.

    >>> refuse_denied(["dpd_now"])
    >>> refuse_denied(["status_on"])
    Traceback (most recent call last):
    core.errors.ConfigError: ['status_on'] must never be a feature: outcomes and personal traits are denied
    """
    denied = [name for name in features if name not in ALLOWED and any(word in name for word in DENIED)]
    if denied:
        raise ConfigError(f"{denied} must never be a feature: outcomes and personal traits are denied")
