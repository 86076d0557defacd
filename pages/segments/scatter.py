"""The scatter of a division: own businesses in the plane of the first two principal components; a click opens one."""

import streamlit as st

from pages.segments import charts
from pages.segments.division import Division, feature_word
from pages.shared import state
from pages.shared.charts.base import CONFIG
from pages.shared.text import number, percent, segments, t, tier_score

HEAVY = 0.4  # own choice: smallest loading of a feature that the title of an axis names


def show(division: Division) -> None:
    """The scatter, and a note on the share of the variance and of the businesses that it shows."""
    own, total = division.own, int(division.own_sizes().sum())
    # A book has few pairs of tier and score: each is put into words once.
    pairs = list(zip(own["tier"], own["score"], strict=True))
    words = {pair: tier_score(*pair) for pair in set(pairs)}
    titles = {"x": _axis(division, "x"), "y": _axis(division, "y"), "bank": t("segments.bank_ground")}
    names = {code: segments.name(code) for code in division.codes}
    # The key names what is drawn: a click on an earlier scatter must not open a business of this one.
    key = f"picture_{division.view}_{abs(hash((*division.features, *division.codes, *state.manager_ids())))}"
    own = own.assign(tier_words=[words[pair] for pair in pairs])
    st.plotly_chart(
        charts.scatter(own, division.tables["segment_cloud"], names, titles),
        key=key,
        on_select=lambda: take_click(key),
        selection_mode="points",
        config=CONFIG,
        alt=t("segments.picture_alt"),
    )
    row = division.summary
    both = percent(row["explained_x"] + row["explained_y"], 0)
    st.caption(t("segments.picture_note", both=both, own=number(len(own)), total=number(total)))


def _axis(division: Division, axis: str) -> str:
    """Share of the variance along an axis, and the features with the largest loadings, each with its sign."""
    row = division.summary
    loadings = [float(loading) for loading in str(row[f"loadings_{axis}"]).split(",")]
    pairs = sorted(zip(division.features, loadings, strict=True), key=lambda pair: -abs(pair[1]))
    heavy = [(name, "+" if loading > 0 else "−") for name, loading in pairs if abs(loading) >= HEAVY]
    features = " · ".join(f"{feature_word(name)} {sign}" for name, sign in heavy)
    return t("segments.axis", share=percent(row[f"explained_{axis}"], 0), features=features)


def take_click(key: str) -> None:
    """Callback: open the business that was clicked on; a click beside the points changes nothing."""
    points = [point for point in st.session_state[key].selection.points if point.get("customdata")]
    if points:
        state.open_business(str(points[0]["customdata"][0]))
