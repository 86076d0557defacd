"""Profiles of the segments: a table of medians, their centres, and the distribution of each feature."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.models.segments.features import DESCRIPTIVE, FEATURES
from pages.segments import charts
from pages.segments.division import KINDS, Division, feature_word, value_words
from pages.shared import state, widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import table_formats
from pages.shared.text import number, percent, segments, t

TICKS = 4  # on an axis, about
LOG_STEPS = (1, 2, 5)  # times powers of ten
STEPS = (1, 2, 2.5, 5, 10)


def show_table(division: Division) -> None:
    """A row per segment: businesses of the book and of the bank, and medians; a click lists those of the book."""
    medians = division.profiles.pivot(index="segment", columns="feature", values="median").reindex(division.codes)
    sizes = division.profiles.drop_duplicates("segment").set_index("segment")["businesses"].reindex(division.codes)
    features = [feature for feature in (*FEATURES, *DESCRIPTIVE) if medians[feature].notna().any()]
    table = medians[features].assign(own=division.own_sizes(), bank=sizes, share=sizes / sizes.sum())
    table = table.assign(name=[segments.name(code) for code in division.codes]).reset_index(drop=True)
    key = f"profile_{division.view}_{abs(hash(tuple(division.codes)))}"
    st.dataframe(
        _styled(table[["name", "own", "bank", "share", *features]], features),
        key=key,
        hide_index=True,
        height="content",
        column_config=_columns(division, key, features),
        placeholder=t("text.unknown_short"),
        alt=t("segments.profile"),
    )
    st.caption(t("segments.profile_note_list" if division.view == "main" else "segments.profile_note"))


def _styled(table: pd.DataFrame, features: Sequence[str]) -> Styler:
    formats: dict[str, table_formats.Format] = {feature: _form(feature) for feature in features}
    counts: dict[str, table_formats.Format] = {"own": number, "bank": number, "share": lambda share: percent(share, 0)}
    return table_formats.styler(table, formats | counts)


def _form(feature: str) -> table_formats.Format:
    return lambda value: value_words(feature, value)


def _columns(division: Division, key: str, features: Sequence[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(t(f"segments.column.{name}")) for name in ("own", "bank", "share")
    }
    column |= {name: st.column_config.Column(feature_word(name), help=t(f"segments.help.{name}")) for name in features}
    head = t("segments.column.name")
    if division.view != "main":  # the list of businesses knows the segments of the main view only
        return column | {"name": st.column_config.Column(head, pinned=True)}
    return column | {"name": table_formats.name_column(head, f"{key}_open", list_segment, division.codes)}


def list_segment(code: str) -> None:
    """Callback: turn to the list of the own businesses in a segment."""
    state.clear_filters()
    state.go("businesses", segment=code)


def show_centres(division: Division) -> None:
    """Heat map of the centres: blue-green above the mean of all businesses, brown below it."""
    codes, features = division.codes, division.features
    rows = division.profiles[division.profiles["feature"].isin(features)]
    z = rows.pivot(index="segment", columns="feature", values="z").reindex(index=codes, columns=features)
    medians = rows.pivot(index="segment", columns="feature", values="median").reindex_like(z)
    texts = medians.apply(lambda column: column.map(_form(str(column.name))))
    z = z.set_axis(map(segments.name, codes)).set_axis(map(feature_word, features), axis="columns")
    st.plotly_chart(charts.centres(z, texts), key=f"centres_{division.view}", config=CONFIG, alt=t("segments.centres"))
    st.caption(t("segments.centres_note"))


def show_boxes(division: Division) -> None:
    """Boxes of one feature, chosen by the reader; the features that divide the book come first."""
    with_values = set(division.profiles.loc[division.profiles["n"] > 0, "feature"])
    others = [name for name in (*FEATURES, *DESCRIPTIVE) if name in with_values and name not in division.features]
    feature = st.selectbox(
        t("segments.box_of"),
        [*division.features, *others],
        format_func=feature_word,
        key=f"{widget_keys.SEGMENT_FEATURE}_{division.view}",
        width=260,
    )
    rows = division.profiles[division.profiles["feature"] == feature]
    names = {code: segments.name(code) for code in division.codes}
    figure = charts.boxes(rows, names, ticks(feature, rows["low"].min(), rows["high"].max()))
    st.plotly_chart(figure, key=f"boxes_{division.view}_{feature}", config=CONFIG, alt=t("segments.boxes"))
    st.caption(t("segments.boxes_note", n=number(rows["n"].sum())))


def ticks(feature: str, low: float, high: float) -> tuple[list[float], list[str]]:
    """Positions of round values on the stored scale of a feature, and those values in words.

    >>> [round(place, 2) for place in ticks("products", 0.0, 7.0)[0]]
    [0.0, 2.0, 4.0, 6.0]
    """
    kind = KINDS[feature]
    if math.isnan(low) or math.isnan(high):
        return [], []
    if kind.is_log:
        natural = _powers(kind.natural(low), kind.natural(high))
        return [math.log(value) for value in natural], [kind.form(value) for value in natural]
    values = _steps(kind.natural(low), kind.natural(high))
    stored = [math.log1p(value) if kind.natural is math.expm1 else value for value in values]
    return stored, [kind.form(value) for value in values]


def _powers(low: float, high: float) -> list[float]:
    """Some of the values 1, 2, 5 times powers of ten between two ends."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [step * 10.0**power for power in powers for step in LOG_STEPS]
    inside = [value for value in values if low <= value <= high]
    return inside[:: max(1, math.ceil(len(inside) / TICKS))]


def _steps(low: float, high: float) -> list[float]:
    """Round values between two ends at equal distances."""
    width = max(high - low, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(width))
    step = next(nice * power for nice in STEPS if nice * power >= width)
    first = math.ceil(low / step - 1e-9)
    return [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]
