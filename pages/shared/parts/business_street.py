"""Is the business behind its peers, or is its street behind Seoul?

Two percentiles of growth on a year ago, of the business among the same industry nearby and of its trade area in Seoul,
make four stances: own, street, both, neither. A stance is relative; whether sales fell is said in a note.
"""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.charts import business
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards
from pages.shared.read import read
from pages.shared.text import number, percent, quarter, t, unknown
from pages.shared.text.reasons import SCORE_FORMATS

STANCES = ("own", "street", "both", "neither")
# Own choice: a percentile under it is behind; at a half every second business would be in a slump.
BEHIND = 0.4
SLUMP = -0.05  # a change above it is no fall
MIN_PEERS = 10  # below it a percentile means little


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """Heading and stance; nothing for a closed business."""
    if card["state"] != "CLOSED":
        st.subheader(t("business.street"), anchor=False)
        show_stance(read("shared/business_street", **chosen).iloc[0], card)


def show_stance(street: pd.Series, card: pd.Series) -> None:
    """The stance in words, its figures, and the square of the four stances."""
    code = stance(street)
    st.markdown(f"**{t(f'street.stance.{code}')}**")
    notes = [t(f"street.note.{note}") for note in nuances(street)]
    if notes:
        st.markdown(" ".join(notes))
    if code == "unclear":
        _show_figures(street, card)
    else:
        figures, square = st.columns([6, 5], gap="medium")
        with figures:
            _show_figures(street, card)
        with square:
            _show_square(street)
    st.caption(
        t("street.market_none") if unknown(street["seoul_growth"]) else t("street.how", behind=percent(BEHIND, 0))
    )


def stance(street: pd.Series) -> str:
    """Code of who is behind: own, street, both, neither; "unclear" where one of the two percentiles is unknown."""
    own, place = own_rank(street), street_rank(street)
    if own is None or place is None:
        return "unclear"
    behind = (own < BEHIND, place[0] < BEHIND)
    return {(True, False): "own", (False, True): "street", (True, True): "both", (False, False): "neither"}[behind]


def nuances(street: pd.Series) -> list[str]:
    """Codes of notes on the stance: a low percentile without a fall in sales, or a fall without a low percentile."""
    own, change = own_rank(street), street["change_raw"]
    if own is None or unknown(change):
        return []
    if own < BEHIND:
        return [] if change <= SLUMP else ["no_fall"]
    if change > SLUMP:
        return []
    fell = not unknown(street["seoul_growth"]) and street["seoul_growth"] <= SLUMP
    return ["city_fell" if fell else "others_fell"]


def own_rank(street: pd.Series) -> float | None:
    """Percentile (0 to 1) of the own change in industry and district, else in category and district."""
    kind = _kind(street)
    return None if kind is None or unknown(street["change_raw"]) else float(street[f"{kind}_percentile"])


def _kind(street: pd.Series) -> str | None:
    return next((kind for kind in ("industry", "category") if street[f"{kind}_n"] >= MIN_PEERS), None)


def street_rank(street: pd.Series) -> tuple[float, str] | None:
    """Percentile of the trade area's growth in Seoul, else the district's; with "area" or "district"."""
    for place in ("area", "district"):
        if street[f"{place}_n"] >= MIN_PEERS and not unknown(street[f"{place}_percentile"]):
            return float(street[f"{place}_percentile"]), place
    return None


def _show_figures(street: pd.Series, card: pd.Series) -> None:
    short = "CHANGE_FALLBACK_QOQ" in str(card["flags"])
    with cards.row(2):
        _show_own_rank(street)
        _show_street_rank(street)
        note = t("street.own_note_short" if short else "street.own_note")
        cards.show(t("street.own"), SCORE_FORMATS["change"](street["change_raw"]), note)
        for place in ("area", "district", "seoul"):
            growth = street[f"{place}_growth"]
            if not unknown(growth):
                when = t("street.market_note", quarter=quarter(street["quarter"]))
                cards.show(t(f"street.{place}"), percent(growth, signed=True), when)


def _show_own_rank(street: pd.Series) -> None:
    kind = _kind(street) or "category"
    rank, count = own_rank(street), number(street[f"{kind}_n"])
    if rank is None:
        cards.show(t(f"street.rank_{kind}"), ":gray[–]", t("text.too_few", n=count))
    else:
        cards.show(t(f"street.rank_{kind}"), SCORE_FORMATS["industry"](rank), t("street.n", n=count))


def _show_street_rank(street: pd.Series) -> None:
    ranked = street_rank(street)
    if ranked is None:
        cards.show(t("street.rank_area"), ":gray[–]", t("text.unknown"))
        return
    rank, place = ranked
    count = t(f"street.n_{place}", n=number(street[f"{place}_n"]))
    cards.show(t(f"street.rank_{place}"), SCORE_FORMATS["industry"](rank), count)


def _show_square(street: pd.Series) -> None:
    own, place = own_rank(street), street_rank(street)
    if own is None or place is None:
        return
    words = {code: t(f"street.square.{code}") for code in STANCES}
    axes = (t(f"street.axis_{_kind(street)}"), t(f"street.axis_{place[1]}"))
    figure = business.stances((own, place[0]), BEHIND, words, axes, stance(street))
    st.plotly_chart(figure, key="stance", config=CONFIG, alt=t(f"street.stance.{stance(street)}"))
