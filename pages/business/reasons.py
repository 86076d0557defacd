"""Reasons of the score and of the probabilities in words; pages.business.all_figures has them as charts."""

import pandas as pd
import streamlit as st

from core.models.classifier.diagnostics import ORDERED_FROM
from pages.shared.read import read
from pages.shared.text import number, percent, reasons, t, unknown
from pages.shared.text.reasons import Reason

UNORDERED = 3  # reasons shown where their order depends on the random seeds (docs/models.md)


def show(card: pd.Series, drivers: pd.DataFrame) -> None:
    """At most four reasons of the score and four of the probability, side by side."""
    score, default = st.columns(2, gap="large")
    with score:
        is_rated = not unknown(card["score"])
        words = t("business.why_score", score=number(card["score"])) if is_rated else t("business.why_score_none")
        st.subheader(words, anchor=False)
        _show_score(card)
    with default:
        is_scored = not unknown(card["pd_12m"]) and not drivers.empty
        words = t("business.why_pd", pd=percent(card["pd_12m"])) if is_scored else t("business.why_pd_none")
        st.subheader(words, anchor=False)
        show_drivers("default", drivers) if is_scored else st.caption(no_pd(card))


def _show_score(card: pd.Series) -> None:
    heaviest, part, whole = reasons.score_reasons(card)
    if not heaviest:
        st.markdown(t(f"reason.state.{card['state']}"))
        return
    for reason in heaviest:
        key, colour = ("gained", "blue") if reason.weight > 0 else ("lost", "red")
        weight = t(f"business.{key}_points", value=number(abs(reason.weight), 1))
        show_reason(t(f"reason.component.{reason.code}"), reason, weight, colour)
    side = "gained" if heaviest[0].weight > 0 else "lost"
    figures = {"part": number(part, 1), "whole": number(whole, 1), "share": percent(part / whole, 0)}
    st.caption(t(f"business.explains_{side}", **figures))


def show_drivers(model: str, drivers: pd.DataFrame) -> None:
    """The heaviest reasons of a probability; in the order of their codes where the order by weight is not stable."""
    agreement = _agreement(model)
    is_stable = agreement is None or agreement >= ORDERED_FROM
    heaviest, share = reasons.model_reasons(drivers, reasons.MAX_REASONS if is_stable else UNORDERED)
    for reason in heaviest if is_stable else sorted(heaviest, key=lambda reason: reason.code):
        key, colour = ("raises", "red") if reason.weight > 0 else ("lowers", "blue")
        weight = t(f"business.{key}", odds=reasons.odds(reason.weight)) if is_stable else t(f"leaving.{key}")
        show_reason(reasons.group_name(reason.code), reason, weight, colour)
    if not is_stable:
        st.caption(t("leaving.unordered", share=percent(agreement, 0)))
    st.caption(t(f"leaving.explains_{model}", share=percent(share, 0)), help=t(f"leaving.odds_help_{model}"))


def _agreement(model: str) -> float | None:
    """Share of businesses whose first reason stays first when the model is fitted with other seeds; None: unknown."""
    figures = read("business/model_agreement", model=model)
    return None if figures.empty or unknown(figures["value"].iloc[0]) else float(figures["value"].iloc[0])


def no_pd(card: pd.Series) -> str:
    """Why the business has no probability of default."""
    return t("business.no_pd_closed" if card["state"] == "CLOSED" else "business.no_pd")


def show_reason(name: str, reason: Reason, weight: str, colour: str) -> None:
    """One reason: its name and weight, its sentence, and the usual value of similar businesses."""
    with st.container(gap="xxsmall"):
        st.markdown(f"**{name}** :{colour}-badge[{weight}]  \n{reason.sentence}")
        if reason.peer:
            st.caption(reason.peer)
