"""How segments lie on tiers and on districts: the own book, or the whole bank without a name in it."""

import pandas as pd
import streamlit as st

from core.models.segments.tables import MIN_COUNT
from pages.segments import charts
from pages.segments.division import Shown
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.text import TIERS, names, number, segments, t, tier_word

WHOSE = ("own", "bank")


def show(shown: Shown) -> None:
    """Both tables, for the own book or the bank."""
    whose: str = st.segmented_control(
        t("segments.whose"),
        WHOSE,
        default=WHOSE[0],
        format_func=lambda code: t(f"segments.whose_{code}"),
        required=True,
        key=widget_keys.SEGMENT_WHOSE,
        persist_state="session",
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('segments.by_tier')}**")
        _show_tiers(shown, whose)
    with right:
        st.markdown(f"**{t('segments.by_district')}**")
        _show_districts(shown, whose)


def _show_tiers(shown: Shown, whose: str) -> None:
    rows = shown.own_by("tier") if whose == "own" else shown.tables["segment_tiers"]
    counts = crossed(rows, "segment", "tier", shown.codes, TIERS)
    counts.index = pd.Index([segments.name(code) for code in counts.index])
    counts.columns = pd.Index([tier_word(tier) for tier in TIERS])
    _heat(counts, whose, f"tiers_{shown.view}", t("segments.share_of_segment"))


def _show_districts(shown: Shown, whose: str) -> None:
    rows = shown.own_by("district_code") if whose == "own" else shown.tables["segment_districts"]
    districts = names.by_code("districts")
    known = [code for code in districts if code in set(rows["district_code"])]
    counts = crossed(rows, "district_code", "segment", known, shown.codes)
    counts.index = pd.Index([districts[code] for code in known])
    counts.columns = pd.Index([_short(code) for code in shown.codes])
    _heat(counts, whose, f"districts_{shown.view}", t("segments.share_of_district"))


def _short(code: str) -> str:
    """A name in lines, for a narrow column."""
    return segments.name(code).replace(" · ", "<br>").replace(" ", "<br>")


def crossed(rows: pd.DataFrame, row: str, column: str, index: object, columns: object) -> pd.DataFrame:
    """Counts as a square of `row` by `column`, zero where nobody is."""
    square = rows.pivot_table(index=row, columns=column, values="businesses", aggfunc="sum")
    return square.reindex(index=index, columns=columns).fillna(0).astype(int)


def _heat(counts: pd.DataFrame, whose: str, key: str, label: str) -> None:
    if not len(counts):
        st.caption(t("segments.nobody"))
        return
    texts = counts.map(_count if whose == "own" else seen)
    shown = counts if whose == "own" else counts.where(counts >= MIN_COUNT, 0)
    figure = charts.shares(shown, texts, label)
    st.plotly_chart(figure, key=f"{key}_{whose}", config=CONFIG, alt=label)
    st.caption(t(f"segments.crossed_{whose}", n=number(int(counts.to_numpy().sum())), few=MIN_COUNT))


def _count(count: int) -> str:
    return number(count) if count else ""


def seen(count: int) -> str:
    """A count of the bank; a few are not told, they might be recognised.

    >>> seen(4), seen(0), seen(12)
    ('<5', '', '12')
    """
    return f"<{MIN_COUNT}" if 0 < count < MIN_COUNT else _count(count)
