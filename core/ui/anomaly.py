"""How unlike its usual self a business is, in words. A rank against a frozen reference, no probability of anything."""

from core.ui.data import has
from core.ui.text import Number, percent, t, unknown

# Own choice: from this percentile of the reference on a business is called unusual.
UNUSUAL = 0.95
FINEST = 0.001  # the reference cannot tell ranks apart that are closer


def known() -> bool:
    """Does the live build have anomalies?"""
    return has("anomalies")


def top_share(percentile: object) -> str:
    """The percentile as a banker reads it: 상위 3%; below the upper half it is nothing special."""
    if unknown(percentile):
        return t("text.unknown")
    above = max(1 - float(percentile), FINEST)  # type: ignore[arg-type]
    return t("anomaly.usual") if above > 0.5 else t("anomaly.top", share=percent(above, 1 if above < 0.01 else 0))


def is_unusual(percentile: Number) -> bool:
    """Is it among the most unusual of the reference?"""
    return not unknown(percentile) and float(percentile) >= UNUSUAL  # type: ignore[arg-type]
