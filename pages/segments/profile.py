"""What the segments are like: a profile table, their centres, and the spread of each feature in each of them."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.models.segments.features import DESCRIPTIVE, FEATURES
from pages.segments import charts, division
from pages.segments.division import KINDS, Shown
from pages.shared import state, widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import table_formats
from pages.shared.text import number, percent, segments, t

PROFILED = (*FEATURES, *DESCRIPTIVE)
TICKS = 4
NICE = (1, 2, 5)
STEPS = (1, 2, 2.5, 5, 10)


def show_table(shown: Shown) -> None:
    """One line a segment: how many, here and in the bank, and medians; a click lists the own businesses of one."""
    medians = shown.profiles.pivot(index="segment", columns="feature", values="median").reindex(shown.codes)
    sizes = shown.profiles.drop_duplicates("segment").set_index("segment")["businesses"].reindex(shown.codes)
    told = [feature for feature in PROFILED if medians[feature].notna().any()]
    table = pd.DataFrame({"name": [segments.name(code) for code in shown.codes]})
    table = table.assign(
        own=shown.own_number().to_numpy(), bank=sizes.to_numpy(), share=(sizes / sizes.sum()).to_numpy()
    )
    table = pd.concat([table, medians[told].reset_index(drop=True)], axis=1)
    key = f"profile_{shown.view}_{abs(hash(tuple(shown.codes)))}"
    st.dataframe(
        _worded(table, told),
        key=key,
        hide_index=True,
        height="content",
        column_config=_columns(shown, key, told),
        placeholder=t("text.unknown_short"),
        alt=t("segments.profile"),
    )
    st.caption(t("segments.profile_note_list" if shown.view == "main" else "segments.profile_note"))


def _worded(table: pd.DataFrame, told: Sequence[str]) -> Styler:
    formats: dict[str, table_formats.Format] = {feature: _form(feature) for feature in told}
    counts: dict[str, table_formats.Format] = {"own": number, "bank": number, "share": lambda share: percent(share, 0)}
    return table_formats.styler(table, formats | counts)


def _form(feature: str) -> table_formats.Format:
    return lambda value: division.shown(feature, value)


def _columns(shown: Shown, key: str, told: Sequence[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(t(f"segments.column.{name}")) for name in ("own", "bank", "share")
    }
    column |= {
        name: st.column_config.Column(division.feature_word(name), help=t(f"segments.help.{name}")) for name in told
    }
    head = t("segments.column.name")
    if shown.view != "main":
        return column | {"name": st.column_config.Column(head, pinned=True)}
    return column | {"name": table_formats.name_column(head, f"{key}_open", list_segment, shown.codes)}


def list_segment(code: str) -> None:
    """Turn to the list of the own businesses in a segment."""
    state.clear_filters()
    state.go("businesses", segment=code)


def show_centres(shown: Shown) -> None:
    """Heat map of the centres: blue-green above the mean of all businesses, brown below it."""
    rows = shown.profiles[shown.profiles["feature"].isin(shown.features)]
    z = rows.pivot(index="segment", columns="feature", values="z").reindex(index=shown.codes, columns=shown.features)
    medians = rows.pivot(index="segment", columns="feature", values="median").reindex_like(z)
    texts = medians.apply(lambda column: column.map(_form(str(column.name))))
    z.index = pd.Index([segments.name(code) for code in z.index])
    z.columns = pd.Index([division.feature_word(name) for name in z.columns])
    st.plotly_chart(charts.centres(z, texts), key=f"centres_{shown.view}", config=CONFIG, alt=t("segments.centres"))
    st.caption(t("segments.centres_note"))


def show_boxes(shown: Shown) -> None:
    """Boxes of one feature, chosen by the reader; what the book is divided by comes first."""
    known = set(shown.profiles.loc[shown.profiles["n"] > 0, "feature"])
    options = [*shown.features, *(name for name in PROFILED if name not in shown.features and name in known)]
    feature = st.selectbox(
        t("segments.box_of"),
        options,
        format_func=division.feature_word,
        key=f"{widget_keys.SEGMENT_FEATURE}_{shown.view}",
        width=260,
    )
    rows = shown.profiles[shown.profiles["feature"] == feature]
    names = {code: segments.name(code) for code in shown.codes}
    figure = charts.boxes(rows, names, ticks(feature, rows["low"].min(), rows["high"].max()))
    st.plotly_chart(figure, key=f"boxes_{shown.view}_{feature}", config=CONFIG, alt=t("segments.boxes"))
    st.caption(t("segments.boxes_note", n=number(rows["n"].sum())))


def ticks(feature: str, low: float, high: float) -> tuple[list[float], list[str]]:
    """Places of round values on the stored scale of a feature, and those values in words.

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
    """Values 1, 2, 5 times powers of ten between two ends, thinned out."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0**power for power in powers for step in NICE if low <= step * 10.0**power <= high]
    return found[:: max(1, math.ceil(len(found) / TICKS))]


def _steps(low: float, high: float) -> list[float]:
    """Round values between two ends, evenly apart."""
    width = max(high - low, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(width))
    step = next(nice * power for nice in STEPS if nice * power >= width)
    first = math.ceil(low / step - 1e-9)
    return [place * step for place in range(first, math.floor(high / step + 1e-9) + 1)]
