"""How unlike its usual self a business is, in words. A rank against a frozen reference, no probability of anything."""

import math
from collections.abc import Callable

from pages.shared.read import has_tables
from pages.shared.text import Number, percent, reasons, t, unknown

# Own choice: from this percentile of the reference on a business is called unusual.
UNUSUAL = 0.95
USUAL = 0.5  # up to here nothing is said to be unusual
FINEST = 0.001  # the reference cannot tell ranks apart that are closer


def is_available() -> bool:
    """Does the live build have anomalies?"""
    return has_tables("anomalies")


def top_share(percentile: object) -> str:
    """The percentile as a banker reads it: 상위 3%; below the upper half it is nothing special."""
    if unknown(percentile):
        return t("text.unknown")
    above = max(1 - float(percentile), FINEST)  # type: ignore[arg-type]
    if float(percentile) < USUAL:  # type: ignore[arg-type]
        return t("anomaly.usual")
    # Rounded up: whoever just misses the top 5 % is not shown as one of them.
    whole = math.ceil(100 * above - 1e-9) / 100
    return t("anomaly.top", share=percent(above, 1) if above < 0.01 else percent(whole, 0))


def is_unusual(percentile: Number) -> bool:
    """Is it among the most unusual of the reference?"""
    return not unknown(percentile) and float(percentile) >= UNUSUAL


def name(feature: str) -> str:
    """Short name of what is unusual; a feature without one shows itself."""
    return t(f"anomaly.name.{feature}") if feature in FORMS else feature


def sentence(feature: str, value: Number) -> str:
    """What is unusual, beside the business's own twelve months."""
    return t(f"anomaly.reason.{feature}", value=FORMS[feature](value)) if feature in FORMS else feature


def peer_sentence(feature: str, value: Number) -> str | None:
    """The same figure of similar businesses."""
    return None if unknown(value) or feature not in FORMS else t("reason.peer", value=FORMS[feature](value))


def _change(log_ratio: Number) -> str:
    return reasons.SCORE_FORMATS["change"](log_ratio)


def _count(value: Number) -> str:
    return reasons.FEATURE_FORMATS["autopay_change"](value)


FORMS: dict[str, Callable[[Number], str]] = {
    "sales_jump": _change,
    "ticket_jump": _change,
    "inflow_jump": _change,
    "inflow_against_sales": _change,
    "card_share_shift": reasons.points,
    "outflow_jump": _change,
    "flow_gap": reasons.points,
    "deposit_jump": _change,
    "overdraft_shift": reasons.points,
    "logins_jump": _change,
    "autopay_shift": _count,
}
