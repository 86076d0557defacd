"""The anomaly rank of a business in words: how unusual its months are against a fixed reference, not a probability."""

import math
from collections.abc import Callable

from pages.shared.read import has_tables
from pages.shared.text import Number, percent, t, unknown
from pages.shared.text.reasons import FEATURE_FORMATS, SCORE_FORMATS, points

# Own choice: from this percentile of the reference on a business is called unusual.
UNUSUAL = 0.95
USUAL = 0.5  # up to here nothing is said to be unusual
FINEST = 0.001  # the reference cannot tell ranks apart that are closer

CHANGE, COUNT = SCORE_FORMATS["change"], FEATURE_FORMATS["autopay_change"]
FORMATS: dict[str, Callable[[Number], str]] = {
    "sales_jump": CHANGE,
    "ticket_jump": CHANGE,
    "inflow_jump": CHANGE,
    "inflow_against_sales": CHANGE,
    "card_share_shift": points,
    "outflow_jump": CHANGE,
    "flow_gap": points,
    "deposit_jump": CHANGE,
    "overdraft_shift": points,
    "logins_jump": CHANGE,
    "autopay_shift": COUNT,
}


def is_available() -> bool:
    """Does the live build have anomalies?"""
    return has_tables("anomalies")


def top_share(percentile: Number) -> str:
    """The percentile as a banker reads it: 상위 3%; below the upper half it is nothing special."""
    if unknown(percentile):
        return t("text.unknown")
    if percentile < USUAL:
        return t("anomaly.usual")
    above = max(1 - percentile, FINEST)
    # Rounded up: a rank that just misses the top 5 % is not shown as one of them.
    whole = math.ceil(100 * above - 1e-9) / 100
    return t("anomaly.top", share=percent(above, 1) if above < 0.01 else percent(whole, 0))


def is_unusual(percentile: Number) -> bool:
    """Is it among the most unusual of the reference?"""
    return not unknown(percentile) and percentile >= UNUSUAL


def name(feature: str) -> str:
    """Short name of what is unusual; a feature without a name shows its code."""
    return t(f"anomaly.name.{feature}") if feature in FORMATS else feature


def sentence(feature: str, value: Number) -> str:
    """What is unusual, compared with the business's own twelve months."""
    return t(f"anomaly.reason.{feature}", value=FORMATS[feature](value)) if feature in FORMATS else feature


def peer_sentence(feature: str, value: Number) -> str | None:
    """The same figure of similar businesses."""
    return None if unknown(value) or feature not in FORMATS else t("reason.peer", value=FORMATS[feature](value))
