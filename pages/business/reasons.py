"""Reasons on the Business page: words first, figures folded below, points and probability to the last decimal."""

import pandas as pd
import streamlit as st

from core.models.classifier.explain import in_probability
from pages.shared import widget_keys
from pages.shared.charts import business
from pages.shared.charts.base import CONFIG
from pages.shared.read import read
from pages.shared.text import number, percent, reasons, t, unknown
from pages.shared.text.reasons import Component, Reason

SCALES = ("odds", "points")  # of the waterfall: log-odds, or points of probability
# Below this share of first reasons that stay first when the model is fitted anew, their order means nothing.
STABLE = 0.8
UNORDERED = 3  # reasons shown when their order means nothing (domain notes, A.4)


def show(card: pd.Series, drivers: pd.DataFrame) -> None:
    """At most four reasons of the score and four of the probability, side by side."""
    score, default = st.columns(2, gap="large")
    with score:
        rated = not unknown(card["score"])
        words = t("business.why_score", score=number(card["score"])) if rated else t("business.why_score_none")
        st.subheader(words, anchor=False)
        _show_score(card)
    with default:
        known = not unknown(card["pd_12m"]) and not drivers.empty
        words = t("business.why_pd", pd=percent(card["pd_12m"])) if known else t("business.why_pd_none")
        st.subheader(words, anchor=False)
        show_drivers("default", drivers) if known else st.caption(_no_pd(card))


def _show_score(card: pd.Series) -> None:
    found, part, whole = reasons.score_reasons(card)
    if not found:
        st.markdown(t(f"reason.state.{card['state']}"))
        return
    for reason in found:
        key, colour = ("gained", "blue") if reason.weight > 0 else ("lost", "red")
        weight = t(f"business.{key}_points", value=number(abs(reason.weight), 1))
        show_reason(t(f"reason.component.{reason.code}"), reason, weight, colour)
    explained = "gained" if found[0].weight > 0 else "lost"
    figures = {"part": number(part, 1), "whole": number(whole, 1), "share": percent(part / whole, 0)}
    st.caption(t(f"business.explains_{explained}", **figures))


def show_drivers(model: str, drivers: pd.DataFrame) -> None:
    """The heaviest reasons of a model's probability; without an order where the order would not last."""
    agreed = agreement(model)
    ordered = agreed is None or agreed >= STABLE
    found, share = reasons.model_reasons(drivers, reasons.MAX_REASONS if ordered else UNORDERED)
    for reason in found if ordered else sorted(found, key=lambda one: one.code):
        key, colour = ("raises", "red") if reason.weight > 0 else ("lowers", "blue")
        weight = t(f"business.{key}", odds=reasons.odds(reason.weight)) if ordered else t(f"leaving.{key}")
        show_reason(reasons.group_name(reason.code), reason, weight, colour)
    if not ordered:
        st.caption(t("leaving.unordered", share=percent(agreed, 0)))
    st.caption(t(f"leaving.explains_{model}", share=percent(share, 0)), help=t(f"leaving.odds_help_{model}"))


def agreement(model: str) -> float | None:
    """Share of businesses whose first reason stays first when the model is fitted with other seeds."""
    figures = read("business/model_agreement", model=model)
    return None if figures.empty or unknown(figures["value"].iloc[0]) else float(figures["value"].iloc[0])


def _no_pd(card: pd.Series) -> str:
    return t("business.no_pd_closed" if card["state"] == "CLOSED" else "business.no_pd")


def show_reason(name: str, reason: Reason, weight: str, colour: str) -> None:
    """One reason: its name and weight, what is so, and what is usual."""
    with st.container(gap="xxsmall"):
        st.markdown(f"**{name}** :{colour}-badge[{weight}]  \n{reason.sentence}")
        if reason.peer:
            st.caption(reason.peer)


def show_points(card: pd.Series) -> None:
    """Points gained and lost of each component, and the way from their sum to the score."""
    parts = reasons.components(card)
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
    if reasons.cap_cut(card):
        rows[t("business.cap", cap=number(card["cap"]))] = ["", f"{-reasons.cap_cut(card):+.2f}", ""]
    rows[t("business.score")] = ["", number(card["score"]), ""]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _raw(part: Component) -> str:
    return reasons.SCORE_FORMATS[part.code](part.raw)


def show_way(card: pd.Series, drivers: pd.DataFrame) -> None:
    """Waterfall from the model's base to this probability of default."""
    if unknown(card["pd_12m"]) or drivers.empty:
        st.caption(_no_pd(card))
        return
    show_waterfall("default", drivers)


def show_waterfall(model: str, drivers: pd.DataFrame) -> None:
    """From the model's base to this probability, in odds or in points of probability as chosen."""
    in_points = st.session_state.get(widget_keys.WATERFALL_SCALE) == "points"
    names = (t("business.base"), t("business.final"))
    base = float(drivers["base"].iloc[0])
    if in_points:
        parts = business.steps(_in_points(drivers, base), reasons.group_name, t("business.rest"))
        figure = business.points_waterfall(business.probability(base), parts, names, percent)
    else:
        parts = business.steps(drivers, reasons.group_name, t("business.rest"))
        figure = business.waterfall(base, parts, names, percent)
    alt = t("business.pd_section" if model == "default" else "leaving.section")
    st.plotly_chart(figure, key=f"way_{model}", config=CONFIG, alt=alt)


def _in_points(drivers: pd.DataFrame, base: float) -> pd.DataFrame:
    contribution = drivers["contribution"].to_numpy(float)
    return drivers.assign(contribution=in_probability(contribution, base, base + contribution.sum()))


def choose_way() -> None:
    """Odds or points of probability, for every waterfall of the page."""
    st.segmented_control(
        t("leaving.way"),
        SCALES,
        default=SCALES[0],
        format_func=lambda code: t(f"leaving.way_{code}"),
        required=True,
        key=widget_keys.WATERFALL_SCALE,
        persist_state="session",
    )
