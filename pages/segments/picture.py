"""The picture of a division: own businesses in the plane of the most variance; a click opens one."""

import streamlit as st

from pages.segments import charts, division
from pages.segments.division import Shown
from pages.shared import state
from pages.shared.charts.base import CONFIG
from pages.shared.text import number, percent, segments, t, tier_score


def show(shown: Shown) -> None:
    """The picture, what its axes are made of, and how much of the truth it shows."""
    own, total = shown.own, int(shown.own_number().sum())
    pairs = list(zip(own["tier"], own["score"], strict=True))
    worded = {pair: tier_score(*pair) for pair in {*pairs}}
    told = [worded[pair] for pair in pairs]
    words = {"x": _axis(shown, "x"), "y": _axis(shown, "y"), "bank": t("segments.bank_ground")}
    names = {code: segments.name(code) for code in shown.codes}
    # The key names what is drawn: an old click must not open a business of another picture.
    key = f"picture_{shown.view}_{abs(hash((tuple(shown.features), tuple(shown.codes), *state.manager_ids())))}"
    st.plotly_chart(
        charts.picture(own.assign(told=told), shown.tables["segment_cloud"], names, words),
        key=key,
        on_select=lambda: take_click(key),
        selection_mode="points",
        config=CONFIG,
        alt=t("segments.picture_alt"),
    )
    row = shown.summary
    both = percent(row["explained_x"] + row["explained_y"], 0)
    st.caption(t("segments.picture_note", both=both, own=number(len(own)), total=number(total)))


def _axis(shown: Shown, axis: str) -> str:
    """Share of the variance, and the features that make most of the direction, with their sign."""
    row = shown.summary
    weights = [float(weight) for weight in str(row[f"loadings_{axis}"]).split(",")]
    pairs = sorted(zip(shown.features, weights, strict=True), key=lambda pair: -abs(pair[1]))
    told = [
        f"{division.feature_word(name)} {'+' if weight > 0 else '−'}" for name, weight in pairs if abs(weight) >= 0.4
    ]
    return t("segments.axis", share=percent(row[f"explained_{axis}"], 0), features=" · ".join(told))


def take_click(key: str) -> None:
    """Open the business that was clicked on; a click beside the points changes nothing."""
    points = [point for point in st.session_state[key].selection.points if point.get("customdata")]
    if points:
        state.open_business(str(points[0]["customdata"][0]))
