"""All reasons in figures: points of the score, and the way from the average to each probability."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.models.classifier.explain import in_probability
from pages.business import reasons
from pages.shared import widget_keys
from pages.shared.charts import business
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls
from pages.shared.text import number, percent, t, unknown
from pages.shared.text import reasons as reason_text
from pages.shared.text.reasons import Component

SCALES = ("odds", "points")  # of the waterfall: log-odds, or points of probability


def fold(card: pd.Series, drivers: Mapping[str, pd.DataFrame]) -> None:
    """The figures, folded: their charts take a third of the page's time."""
    controls.fold(t("business.all_reasons"), "all_reasons", ":material/bar_chart:", lambda: _show(card, drivers))


def _show(card: pd.Series, drivers: Mapping[str, pd.DataFrame]) -> None:
    """Points of the score beside the waterfalls of default and churn."""
    _choose_scale()
    points, waterfalls = st.columns(2, gap="large")
    with points:
        st.markdown(f"**{t('business.points')}**")
        _show_points(card)
    with waterfalls:
        st.markdown(f"**{t('business.pd_section')}**")
        _show_default(card, drivers.get("default", pd.DataFrame()))
        if not unknown(card["churn_3m"]) and "churn" in drivers:
            st.markdown(f"**{t('leaving.section')}**")
            _show_waterfall("churn", drivers["churn"])
        st.caption(t("leaving.way_help"))


def _show_points(card: pd.Series) -> None:
    """Points gained and lost of each component, and the table from their sum to the score."""
    parts = reason_text.components(card)
    if not parts:
        st.caption(t(f"reason.state.{card['state']}"))
        return
    labels = [t(f"reason.component.{part.code}") for part in parts]
    names = (t("business.gained"), t("business.lost"))
    st.plotly_chart(business.points(parts, labels, names), key="points", config=CONFIG, alt=t("business.points"))
    st.table(_points_table(card, parts, labels), border="horizontal")
    st.caption(t("business.points_help"))


def _points_table(card: pd.Series, parts: list[Component], labels: list[str]) -> pd.DataFrame:
    columns = [t(f"business.{key}") for key in ("value", "gained", "lost")]
    rows = {
        label: [_raw(part), number(part.gained, 2), number(part.lost, 2)]
        for label, part in zip(labels, parts, strict=True)
    }
    gained = sum(part.gained for part in parts)
    rows[t("business.raw")] = ["", number(gained, 2), number(sum(part.lost for part in parts), 2)]
    if not unknown(card["points_shrink"]) and abs(card["points_shrink"]) >= 0.005:
        rows[t("business.shrink")] = ["", f"{card['points_shrink']:+.2f}", ""]
    if reason_text.cap_cut(card):
        rows[t("business.cap", cap=number(card["cap"]))] = ["", f"{-reason_text.cap_cut(card):+.2f}", ""]
    rows[t("business.score")] = ["", number(card["score"]), ""]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _raw(part: Component) -> str:
    return reason_text.SCORE_FORMATS[part.code](part.raw)


def _show_default(card: pd.Series, drivers: pd.DataFrame) -> None:
    """Waterfall to the probability of default; a sentence where there is none."""
    if unknown(card["pd_12m"]) or drivers.empty:
        st.caption(reasons.no_pd(card))
        return
    _show_waterfall("default", drivers)


def _show_waterfall(model: str, drivers: pd.DataFrame) -> None:
    """Waterfall from the model's base to the probability, in odds or in points of probability as chosen."""
    in_points = st.session_state.get(widget_keys.WATERFALL_SCALE) == "points"
    names = (t("business.base"), t("business.final"))
    base = float(drivers["base"].iloc[0])
    if in_points:
        parts = business.steps(_in_points(drivers, base), reason_text.group_name, t("business.rest"))
        figure = business.points_waterfall(business.probability(base), parts, names, percent)
    else:
        parts = business.steps(drivers, reason_text.group_name, t("business.rest"))
        figure = business.waterfall(base, parts, names, percent)
    alt = t("business.pd_section" if model == "default" else "leaving.section")
    st.plotly_chart(figure, key=f"way_{model}", config=CONFIG, alt=alt)


def _in_points(drivers: pd.DataFrame, base: float) -> pd.DataFrame:
    contribution = drivers["contribution"].to_numpy(float)
    return drivers.assign(contribution=in_probability(contribution, base, base + contribution.sum()))


def _choose_scale() -> None:
    """The scale of both waterfalls: odds, or points of probability."""
    controls.choose_one(t("leaving.way"), SCALES, _scale_word, widget_keys.WATERFALL_SCALE, persist_state="session")


def _scale_word(code: str) -> str:
    return t(f"leaving.way_{code}")
