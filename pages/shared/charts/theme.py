"""The colours, the same on every page and in both themes: five of tiers, four of churn levels, the scales of the map.

The five stay apart for the three kinds of colour blindness (CIE76 distance of at least 24 after Machado
2009, held by tests/pages/shared/test_theme.py). They are never alone: a word and a score stand beside them.
Source: red to blue with a warm grey middle after ColorBrewer's RdBu; darkened to show on white and near-black.

Churn levels are one purple from light to dark, so that no reader takes a level for a tier: lightness alone shows the
order, which every kind of sight sees.
"""

from itertools import pairwise

from pages.shared.text import Number, unknown

TIER_COLOURS = {1: "#C0342B", 2: "#F0A35B", 3: "#B9B4A6", 4: "#62A9DA", 5: "#2B66B0"}
# On a tier's colour: whichever of the two has the higher contrast (at least 5.5 : 1).
TIER_INK = {1: "#FFFFFF", 2: "#111111", 3: "#111111", 4: "#111111", 5: "#FFFFFF"}
# Churn probability, from low to high.
LEVEL_COLOURS = {"normal": "#E3DAEC", "watch": "#BE97D6", "risk": "#8E4CB3", "severe": "#541280"}
LEVEL_INK = {"normal": "#111111", "watch": "#111111", "risk": "#FFFFFF", "severe": "#FFFFFF"}
# Risk of a payment: one orange-brown from light to dark, neither a tier nor a churn level; grey is not assessable.
RISK_COLOURS = {"low": "#F3E7DA", "medium": "#DDB68C", "high": "#A9662A", "very_high": "#5E2F0D"}
RISK_COLOURS |= {"not_assessable": "#8A8A8A"}
RISK_INK = {"low": "#111111", "medium": "#111111", "high": "#FFFFFF", "very_high": "#FFFFFF"}
RISK_INK |= {"not_assessable": "#111111"}
# Segments by place; each has a symbol of its own, as ten colours cannot be told apart by every eye. None is a tier's.
SEGMENT_COLOURS = (
    "#1B9E8F", "#9A63C8", "#C9A227", "#D0518F", "#5E8C31", "#A4703F", "#2FA8C7", "#7A4E7E", "#8C9A2B", "#5B6FA6",
)  # fmt: skip
SEGMENT_SYMBOLS = (
    "circle", "diamond", "square", "triangle-up", "cross", "x", "triangle-down", "star", "pentagon", "hexagon",
)  # fmt: skip
GREY = "#8A8A8A"  # lines, outlines and what is unknown: visible on white and on near-black
LINE = "#3D85C6"  # a single series
ACCENT = "#E0457B"  # the chosen district's outline: in none of the scales

# The map never uses tier colours: a district below the city's middle is not "very weak".
GOOD = [[0.0, "#DCEBE7"], [0.5, "#6FB3A8"], [1.0, "#0F625B"]]  # more is better
BAD = [[0.0, "#FBE7CF"], [0.5, "#E09A55"], [1.0, "#8A3F0C"]]  # more is worse
SIZE = [[0.0, "#E4E3F1"], [0.5, "#9C97CE"], [1.0, "#4A3F94"]]  # more is just more
CHANGE = [[0.0, "#8A5A1C"], [0.5, "#EFEAE0"], [1.0, "#0F625B"]]  # below and above zero


def tier_mark(tier: Number) -> str:
    """Markdown of a small disc in the tier's colour, for labels and sentences; nothing when there is no tier."""
    return "" if unknown(tier) else f"![](app/static/tier_{int(tier)}.png)"


def tier_css(tier: Number) -> str:
    """CSS of a table cell that shows a tier."""
    if unknown(tier):
        return f"color: {GREY}"
    return f"background-color: {TIER_COLOURS[int(tier)]}; color: {TIER_INK[int(tier)]}"


def level_css(level: object) -> str:
    """CSS of a table cell that shows a churn level; the usual one is plain, so that the others stand out."""
    if level not in LEVEL_COLOURS:
        return f"color: {GREY}"
    if level == "normal":
        return ""
    return f"background-color: {LEVEL_COLOURS[str(level)]}; color: {LEVEL_INK[str(level)]}"


def risk_css(level: object) -> str:
    """CSS of a table cell that shows the risk of a payment; low is plain, so that the others stand out."""
    if level not in RISK_COLOURS or level == "low":
        return ""
    return f"background-color: {RISK_COLOURS[str(level)]}; color: {RISK_INK[str(level)]}"


def level_mark(level: str) -> str:
    """Markdown of a small square in the level's colour; tiers have discs."""
    return f"![](app/static/level_{level}.png)"


def ink(colour: str) -> str:
    """Black or white, whichever reads better on `colour`.

    >>> ink("#0F625B"), ink("#DCEBE7")
    ('#FFFFFF', '#111111')
    """
    return "#FFFFFF" if contrast(colour, "#FFFFFF") >= contrast(colour, "#111111") else "#111111"


def contrast(colour: str, other: str) -> float:
    """Contrast of two colours, 1 to 21. Source: WCAG 2.2, relative luminance.

    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    dark, light = sorted((_luminance(colour), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of #RRGGBB."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def shade(scale: list[list], share: float) -> str:
    """Colour of `share` (0 to 1) on a scale of [position, colour].

    >>> shade([[0.0, "#000000"], [1.0, "#FFFFFF"]], 0.5)
    '#808080'
    """
    for (low, start), (high, end) in pairwise(scale):
        if share <= high:
            part = (max(share, low) - low) / (high - low)
            mixed = (round(a + part * (b - a)) for a, b in zip(rgb(start), rgb(end), strict=True))
            return "#" + "".join(f"{channel:02X}" for channel in mixed)
    return str(scale[-1][1])
