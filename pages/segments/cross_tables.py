"""Cross tables of segments by tier and by district, for the own book or the whole bank."""

import pandas as pd
import streamlit as st

from core.models.segments.tables import MIN_COUNT
from pages.segments import charts
from pages.segments.division import Division
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls
from pages.shared.text import TIERS, names, number, segments, t, tier_word

WHOSE = ("own", "bank")


def show(division: Division) -> None:
    """Both tables, side by side."""
    whose = controls.choose_one(
        t("segments.whose"),
        WHOSE,
        lambda code: t(f"segments.whose_{code}"),
        widget_keys.SEGMENT_WHOSE,
        persist_state="session",
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('segments.by_tier')}**")
        _show_tiers(division, whose)
    with right:
        st.markdown(f"**{t('segments.by_district')}**")
        _show_districts(division, whose)


def _show_tiers(division: Division, whose: str) -> None:
    rows = division.own_by("tier") if whose == "own" else division.tables["segment_tiers"]
    counts = cross_table(rows, "segment", "tier", division.codes, TIERS)
    counts = counts.set_axis(map(segments.name, counts.index)).set_axis(map(tier_word, TIERS), axis="columns")
    _show_heat_map(counts, whose, f"tiers_{division.view}", t("segments.share_of_segment"))


def _show_districts(division: Division, whose: str) -> None:
    rows = division.own_by("district_code") if whose == "own" else division.tables["segment_districts"]
    districts = {code: name for code, name in names.by_code("districts").items() if code in set(rows["district_code"])}
    counts = cross_table(rows, "district_code", "segment", list(districts), division.codes)
    counts = counts.set_axis(districts.values()).set_axis(map(_short, division.codes), axis="columns")
    _show_heat_map(counts, whose, f"districts_{division.view}", t("segments.share_of_district"))


def _short(code: str) -> str:
    """A name of a segment in short lines, for a narrow column."""
    return segments.name(code).replace(" · ", "<br>").replace(" ", "<br>")


def cross_table(rows: pd.DataFrame, row: str, column: str, index: object, columns: object) -> pd.DataFrame:
    """Numbers of businesses with `row` in the rows and `column` in the columns, 0 where there are none."""
    counts = rows.pivot_table(index=row, columns=column, values="businesses", aggfunc="sum")
    return counts.reindex(index=index, columns=columns).fillna(0).astype(int)


def _show_heat_map(counts: pd.DataFrame, whose: str, key: str, label: str) -> None:
    if not len(counts):
        st.caption(t("segments.nobody"))
        return
    texts = counts.map(_count if whose == "own" else hidden_if_few)
    coloured = counts if whose == "own" else counts.where(counts >= MIN_COUNT, 0)
    figure = charts.shares(coloured, texts, label)
    st.plotly_chart(figure, key=f"{key}_{whose}", config=CONFIG, alt=label)
    st.caption(t(f"segments.crossed_{whose}", n=number(int(counts.to_numpy().sum())), few=MIN_COUNT))


def _count(count: int) -> str:
    return number(count) if count else ""


def hidden_if_few(count: int) -> str:
    """A count of the whole bank; a small one is hidden, because the businesses could be recognised.

    >>> hidden_if_few(4), hidden_if_few(0), hidden_if_few(12)
    ('<5', '', '12')
    """
    return f"<{MIN_COUNT}" if 0 < count < MIN_COUNT else _count(count)
