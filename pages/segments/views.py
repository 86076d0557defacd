"""The views of the segments: which one is shown, how good it is, and how far each one repeats the tiers."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from core.config import policy
from pages.segments import charts
from pages.segments.division import CUSTOM, VIEWS, Division, feature_word
from pages.shared import widget_keys
from pages.shared.charts.base import CONFIG
from pages.shared.parts import cards, controls
from pages.shared.read import read
from pages.shared.text import number, percent, t, unknown

# Own choice: the smallest difference of Cramér's V that the text mentions.
LARGE_DIFFERENCE = 0.10


def choose_view() -> str:
    """Code of the chosen view: one of the build, or the reader's own."""
    of_build = set(read("segments/views")["view"])
    return controls.choose_one(
        t("segments.view"),
        [*(view for view in VIEWS if view in of_build), CUSTOM],
        lambda view: t(f"segments.views.{view}"),
        widget_keys.SEGMENT_VIEW,
        persist_state="session",
        label_visibility="collapsed",
    )


def show_figures(division: Division) -> None:
    """Number of segments and businesses, silhouette, stability, and the association with the tiers."""
    row, figures = division.summary, division.tables["segment_figures"]
    used = figures[figures["used"]]
    with cards.row(5):
        cards.show(t("segments.k"), number(row["k"]), t("segments.by", features=_features(division.features)))
        cards.show(t("segments.divided"), number(row["n"]), _own(division), t("segments.divided_help"))
        for code in ("silhouette", "ari"):
            value = used[code].iloc[0] if len(used) else None
            cards.show(t(f"segments.{code}"), number(value, 2), t(f"segments.{code}_note"), t(f"segments.{code}_help"))
        cards.show(t("segments.tier_v"), number(row["tier_v"], 2), t("segments.tier_v_note"), t("segments.tier_v_help"))
    if not unknown(row["kept"]):
        st.caption(t("segments.kept", share=percent(row["kept"])))


def _features(features: Iterable[str]) -> str:
    return " · ".join(map(feature_word, features))


def _own(division: Division) -> str:
    """Own businesses in a segment, and those that lack a feature."""
    counts = division.own_counts.groupby("state")["businesses"].sum()
    return t("segments.own_divided", own=number(counts.get("OK", 0)), short=number(counts.get("SHORT", 0)))


def show_numbers(division: Division) -> None:
    """Silhouette and stability by k, and the k that they propose."""
    figures = division.tables["segment_figures"]
    if len(figures) < 2:
        st.caption(t("segments.fixed_k"))
        return
    least = policy()["segments"]["min_ari"]
    for column, code, needed in zip(st.columns(2, gap="large"), ("silhouette", "ari"), (None, least), strict=True):
        with column:
            st.markdown(f"**{t(f'segments.{code}')}**")
            figure = charts.numbers(figures, code, (t("segments.k"), t(f"segments.{code}")), needed)
            st.plotly_chart(figure, key=f"{code}_{division.view}", config=CONFIG, alt=t("segments.numbers"))
    best = figures[figures["proposed"]].iloc[0]
    stable = "segments.proposed" if best["ari"] >= least else "segments.unstable"
    st.caption(t(stable, k=number(best["k"]), least=number(least, 2), ari=number(best["ari"], 2)))


def show_all() -> None:
    """A row per view of the build: its features, the weight of risk, and its association with the tiers."""
    views = read("segments/views").set_index("view").reindex([*VIEWS]).dropna(subset=["k"])
    table = pd.DataFrame(
        {
            t("segments.way"): [t(f"segments.views.{view}") for view in views.index],
            t("segments.features"): [_features(row["features"].split(",")) for _, row in views.iterrows()],
            t("segments.k"): [number(k) for k in views["k"]],
            "n": [number(n) for n in views["n"]],
            t("segments.risk_weight"): [_risk_weight(row) for _, row in views.iterrows()],
            t("segments.tier_v"): [number(v, 2) for v in views["tier_v"]],
            t("segments.tier_ari"): [number(ari, 3) for ari in views["tier_ari"]],
        }
    )
    st.dataframe(table, hide_index=True, key="segment_ways", height="content")
    if {"three", "three_plain"} <= set(views.index):
        st.caption(_verdict(views))


def _risk_weight(row: pd.Series) -> str:
    weights = dict(zip(row["features"].split(","), map(float, row["weights"].split(",")), strict=True))
    return percent(weights["risk"], 0) if "risk" in weights else "–"


def _verdict(views: pd.DataFrame) -> str:
    """How much the association with the tiers falls when risk is left out."""
    with_risk, plain = (float(views.loc[view, "tier_v"]) for view in ("three", "three_plain"))
    key = "segments.risk_repeats" if with_risk - plain >= LARGE_DIFFERENCE else "segments.risk_little"
    words = {"with_risk": number(with_risk, 2), "plain": number(plain, 2)}
    return t(key, **words, weight=_risk_weight(views.loc["three"]))
