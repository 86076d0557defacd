"""Small HTML: a tier as colour and word, shares as a bar, twelve months as a line."""

from collections.abc import Sequence
from html import escape

from pages.shared.charts import theme
from pages.shared.text import Number, t, tier_score, unknown

WIDTH, HEIGHT, PAD = 132, 34, 3
MIN_MONTHS = 3  # months with a figure that make a line


def tier_chip(tier: Number, score: Number, state: str = "OK", large: bool = False) -> str:
    """HTML of a tier: colour, word and score; grey with the reason where there is no tier."""
    rated = not unknown(tier) and not unknown(score)
    words = tier_score(tier, score) if rated else t(f"state.{state}" if state != "OK" else "tier.none")
    colour = theme.tier_css(tier) if rated else f"border:1px solid {theme.GREY};color:{theme.GREY}"
    size = "1.35rem;padding:.28em .7em" if large else ".95rem;padding:.2em .6em"
    style = f"display:inline-block;border-radius:.45em;font-weight:600;font-size:{size};{colour}"
    return f'<span style="{style}">{escape(words)}</span>'


def tier_bar(shares: Sequence[tuple[int, int, str]]) -> str:
    """HTML of a bar of the tiers from weakest to best, and its key: (tier, number of businesses, words)."""
    return share_bar([(theme.TIER_COLOURS[tier], theme.TIER_INK[tier], count, words) for tier, count, words in shares])


def share_bar(parts_of: Sequence[tuple[str, str, int, str]], disc: bool = True) -> str:
    """HTML of a bar of shares, and its key: (colour, ink on it, number, words). Discs name tiers, squares levels.

    Plain HTML, not plotly: the page that opens first then needs 1.2 MB less on a first visit.
    """
    total = sum(count for _, _, count, _ in parts_of) or 1
    parts = "".join(_part(colour, ink, count / total) for colour, ink, count, _ in parts_of if count)
    key = "".join(_key(colour, words, disc) for colour, _, _, words in parts_of)
    return (
        f'<div style="display:flex;height:44px;border-radius:.4em;overflow:hidden">{parts}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:.2em 1.1em;margin-top:.6em;font-size:.85rem">{key}</div>'
    )


def _part(colour: str, ink: str, share: float) -> str:
    style = (
        f"flex:{share:.4f} 0 0;background:{colour};color:{ink};"
        "display:flex;align-items:center;justify-content:center;font-size:.85rem"
    )
    # Less than 6 % is too narrow for its figure; the key has the count.
    # 99.6 % is not all of them.
    words = f"{share if share == 1 else min(share, 0.99):.0%}" if share >= 0.06 else ""
    return f'<div style="{style}">{words}</div>'


def _key(colour: str, words: str, disc: bool) -> str:
    shape = "border-radius:50%" if disc else f"box-shadow:inset 0 0 0 1px {theme.GREY}"
    mark = f"display:inline-block;width:.7em;height:.7em;{shape};background:{colour}"
    return f'<span><span style="{mark}"></span> {escape(words)}</span>'


def sparkline(values: Sequence[Number]) -> str:
    """SVG of a series, the oldest left, gaps where a value is unknown; a dot on the newest."""
    # DuckDB returns a list as a masked array; tolist() has None for a masked value.
    listed = values.tolist() if hasattr(values, "tolist") else values
    months = [None if value is None or unknown(value) else float(value) for value in listed]
    figures = [value for value in months if value is not None]
    if len(figures) < MIN_MONTHS:
        return ""
    low, high = min(figures), max(figures)
    points = [None if value is None else _point(i, value, len(months), low, high) for i, value in enumerate(months)]
    x, y = next(point for point in reversed(points) if point is not None)
    line = f'fill="none" stroke="{theme.LINE}" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{" ".join(_runs(points))}" {line}/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{theme.LINE}"/></svg>'
    )


def _point(place: int, value: float, count: int, low: float, high: float) -> tuple[float, float]:
    share = 0.5 if high <= low else (value - low) / (high - low)
    return PAD + place * (WIDTH - 2 * PAD) / (count - 1), HEIGHT - PAD - share * (HEIGHT - 2 * PAD)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[str]:
    runs, pen = [], "M"
    for point in points:
        if point is not None:
            # h0: a month between two gaps is a dot.
            runs.append(f"{pen}{point[0]:.1f},{point[1]:.1f}" + ("h0" if pen == "M" else ""))
        pen = "M" if point is None else "L"
    return runs
