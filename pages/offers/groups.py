"""How often a product is recommended in groups of businesses: by segment, tier, category or district."""

import pandas as pd
import streamlit as st

from pages.offers import charts
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls
from pages.shared.read import read, reference, segment_codes
from pages.shared.text import lang, number, percent, segments, t, tier_word, unknown

BY = ("tier", "category", "district")
MIN_BUSINESSES = 10  # a share of fewer in a group is too uncertain to be shown
SHOWN = 12  # groups


def show(product_id: str, managers: list[str], closed: int) -> None:
    """A bar per group: the share of its open businesses that get the recommendation.

    closed : number of closed businesses that get it; they are in no group
    """
    st.subheader(t("offers.groups"), anchor=False)
    by = controls.choose_one(
        t("offers.by"),
        ("segment", *BY) if segment_codes() else BY,
        lambda code: t(f"offers.by_{code}"),
        widget_keys.OFFERS_GROUPS,
        persist_state="session",
        label_visibility="collapsed",
    )
    rows = read("offers/groups", manager_ids=managers, product_id=product_id, by=by)
    top = _ordered(rows, by).head(SHOWN)
    texts = [_text(row) for _, row in top.iterrows()]
    figure = charts.bars([_name(by, code) for code in top["code"]], top["share"].tolist(), texts)
    st.plotly_chart(figure, key="offers_groups", config=CONFIG, alt=t("offers.groups"))
    more = t("offers.more_groups", count=number(len(rows) - len(top))) if len(rows) > len(top) else ""
    without = t("offers.groups_closed", count=number(closed)) if closed else ""
    st.caption(" ".join(part for part in (t("offers.groups_note", fewest=MIN_BUSINESSES), without, more) if part))


def _ordered(groups: pd.DataFrame, by: str) -> pd.DataFrame:
    """Segments and tiers in their own order, other groups by size; the group without a code comes last."""
    if by == "segment":
        places = {code: place for place, code in enumerate(segment_codes())}
        return groups.sort_values("code", key=lambda codes: codes.map(places), na_position="last")
    return groups if by == "tier" else groups.sort_values("businesses", ascending=False)


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
    if row["businesses"] < MIN_BUSINESSES:
        return t("offers.group_small", **words)
    return t("offers.group", share=percent(row["share"], 0), **words)
