"""In which groups of businesses a product is recommended: by segment, tier, category or district."""

import pandas as pd
import streamlit as st

from pages.offers import charts
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.read import read, reference, segment_codes
from pages.shared.text import lang, number, percent, segments, t, tier_word, unknown

BY = ("tier", "category", "district")
FEWEST = 10  # businesses of a group below which a share says little
MOST = 12


def show(product_id: str, managers: list[str], closed: int) -> None:
    """A bar a group, the share of its businesses that the product is recommended to; `closed` ones are in none."""
    st.subheader(t("offers.groups"), anchor=False)
    ways = ("segment", *BY) if segment_codes() else BY
    by = st.segmented_control(
        t("offers.by"),
        ways,
        default=ways[0],
        format_func=lambda code: t(f"offers.by_{code}"),
        required=True,
        label_visibility="collapsed",
        key=widget_keys.OFFERS_GROUPS,
        persist_state="session",
    )
    rows = read("offers/groups", manager_ids=managers, product_id=product_id, by=by)
    shown = _ordered(rows, str(by)).head(MOST)
    figure = charts.bars(
        [_name(str(by), code) for code in shown["code"]], shown["share"].tolist(), [_text(row) for row in _rows(shown)]
    )
    st.plotly_chart(figure, key="offers_groups", config=CONFIG, alt=t("offers.groups"))
    more = t("offers.more_groups", count=number(len(rows) - len(shown))) if len(rows) > len(shown) else ""
    apart = t("offers.groups_closed", count=number(closed)) if closed else ""
    st.caption(" ".join(part for part in (t("offers.groups_note", fewest=FEWEST), apart, more) if part))


def _ordered(groups: pd.DataFrame, by: str) -> pd.DataFrame:
    """Segments and tiers in their own order, else the largest group first; those without a code last."""
    if by == "segment":
        places = {code: place for place, code in enumerate(segment_codes())}
        return groups.sort_values("code", key=lambda found: found.map(places), na_position="last")
    return groups if by == "tier" else groups.sort_values("businesses", ascending=False)


def _rows(groups: pd.DataFrame) -> list[pd.Series]:
    return [row for _, row in groups.iterrows()]


def _name(by: str, code: str | None) -> str:
    if by == "segment":
        return segments.name(code)
    if unknown(code):
        return tier_word(None) if by == "tier" else t("text.unknown")
    if by == "tier":
        return tier_word(int(str(code)))
    names = reference().names["categories" if by == "category" else "districts", lang()]
    return names.get(str(code), str(code))


def _text(row: pd.Series) -> str:
    words = {"count": number(row["recommended"]), "businesses": number(row["businesses"])}
    if row["businesses"] < FEWEST:
        return t("offers.group_small", **words)
    return t("offers.group", share=percent(row["share"], 0), **words)
