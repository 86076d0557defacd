"""What a model may know: one entry a feature, with its reason group, the sign its effect must have, and its lag.

Reads  data/reference/features.csv (default), features_churn.csv, features_payments.csv (payments and fraud)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from core import reference
from core.errors import ConfigError

# Never inputs: outcomes in disguise, identity, and what the law or decency keeps out (owner's age and sex).
DENIED = ("status", "closed", "sex", "gender", "birth", "owner", "nationality", "marital", "name", "registration")
ALLOWED = ("market_closed_share",)  # the street's closures in a published quarter, not the shop's own
# Of a payment: known only after it, or the outcome under another name.
DENIED_OF_PAYMENTS = (
    *("response", "result", "settle", "chargeback", "fraud", "refund", "cancel", "succeeded", "after", "status"),
)
FILES = {
    "default": "features.csv",
    "churn": "features_churn.csv",
    "payments": "features_payments.csv",
    "fraud": "features_payments.csv",
}
OF_PAYMENTS = ("payments", "fraud")
# Own choice: a reason group that moves the log-odds less, the odds by less than a twentieth, is no reason.
MIN_LOG_ODDS = 0.05


@dataclass(frozen=True)
class Feature:
    """One feature; `sign` +1: may only raise the probability, -1: only lower it, 0: either.

    lag_days : days until the bank knows the value (businesses)
    window : how far back it looks (payments)
    """

    feature: str
    reason: str
    sign: int
    unit: str
    meaning: str
    lag_days: int = 0
    changeable: bool = False
    window: str = ""


@cache
def catalogue(model: str = "default") -> tuple[Feature, ...]:
    """The features of a model, in the order of its file.

    >>> {feature.sign for feature in catalogue()} <= {-1, 0, 1}
    True
    >>> "failed_1h" in {feature.feature for feature in catalogue("payments")}
    True
    """
    features = tuple(_feature(row) for row in reference.rows(FILES[model]))
    refuse_denied([feature.feature for feature in features], of_payments=model in OF_PAYMENTS)
    return features


def _feature(row: dict[str, str]) -> Feature:
    return Feature(
        row["feature"],
        row["reason"],
        int(row["sign"]),
        row["unit"],
        row["meaning"],
        int(row.get("lag_days", 0)),
        row.get("changeable") == "yes",
        row.get("window", ""),
    )


def refuse_denied(features: Sequence[str], *, of_payments: bool = False) -> None:
    """Raise when a feature is one that a model must never see.

    >>> refuse_denied(["dpd_now"])
    >>> refuse_denied(["status_on"])
    Traceback (most recent call last):
    core.errors.ConfigError: ['status_on'] must never be a feature: outcomes and personal traits are denied
    >>> refuse_denied(["response_code"], of_payments=True)
    Traceback (most recent call last):
    core.errors.ConfigError: ['response_code'] must never be a feature: it is known only after the payment
    """
    words, why = DENIED, "outcomes and personal traits are denied"
    if of_payments:
        words, why = DENIED_OF_PAYMENTS, "it is known only after the payment"
    denied = [name for name in features if name not in ALLOWED and any(word in name for word in words)]
    if denied:
        raise ConfigError(f"{denied} must never be a feature: {why}")
