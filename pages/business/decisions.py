"""Decisions on a recommendation: earlier ones of all builds, and a form for a new one with its reason."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.desk import decisions
from core.desk.decisions import REASONS, Decision, Recommendation
from core.desk.records import Business
from pages.shared.desk import session
from pages.shared.read import build_id
from pages.shared.text import day, escape, offers, t

KEY = "desk_decision"
COLOURS = {"taken": "green", "declined": "gray", "overridden": "violet"}
SHOWN = 3  # decisions of one recommendation


@st.fragment
def show(card: pd.Series, offer: pd.Series) -> None:
    """Earlier decisions on this product for this business, then the form."""
    with session.warn_if_unreachable():
        business = Business(str(card["business_id"]), str(card["manager_id"]))
        earlier = decisions.of_business(session.desk(), session.scope(), business.business_id)
        session.show_result()
        for _, row in earlier[earlier["product_id"] == offer["product_id"]].head(SHOWN).iterrows():
            _show_decision(row)
        as_of, product_id = card["as_of"].date(), str(offer["product_id"])
        _show_form(business, Recommendation(build_id(), as_of, product_id, int(offer["rank"])))


def _show_decision(row: Any) -> None:
    """The decision, its reason, author and time, and the recommendation that it is about."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t(f"desk.decision.{row['decision']}"), color=COLOURS[row["decision"]])  # type: ignore[arg-type]
        st.markdown(_reason(row), width="content")
        signed = f"{session.korean_time(row['at'])} · {session.author_name(row['by'])}"
        place = t("desk.decided_on", as_of=day(row["as_of"]), rank=row["rank"])
        st.caption(f"{signed} · {place}", width="content", help=t("desk.decided_build", build=row["build_id"]))


def _reason(row: Any) -> str:
    words = [t(f"desk.because.{row['reason']}")]
    if row["instead_product_id"]:
        words.append(t("desk.instead", product=offers.name(row["instead_product_id"])))
    if row["text"]:
        words.append(escape.paragraph(row["text"]))
    return " · ".join(words)


def _show_form(business: Business, recommendation: Recommendation) -> None:
    key = f"{KEY}_{business.business_id}_{recommendation.product_id}"
    form = session.form_popover(t("desk.decide"), f"{key}_open", icon=":material/gavel:")
    if not form.open:
        return
    with form:
        st.caption(session.signature())
        code = st.segmented_control(
            t("desk.decision_head"), REASONS, default="taken", required=True, key=f"{key}_made",
            format_func=lambda code: t(f"desk.decision.{code}"), help=t("desk.decision_help"),
        )  # fmt: skip
        reason = f"{key}_{code}_reason"
        st.selectbox(t("desk.because_head"), REASONS[str(code)], key=reason, format_func=_because)
        if code == "overridden":
            names = offers.names()
            st.selectbox(
                t("desk.instead_head"), ["", *(product for product in names if product != recommendation.product_id)],
                key=f"{key}_instead", format_func=lambda product: names.get(product, t("desk.instead_none")),
            )  # fmt: skip
        st.text_input(t("desk.decision_text"), key=f"{key}_text", max_chars=500)
        session.save_button(t("desk.save"), f"{key}_save", _decide, business, recommendation, key)


def _because(code: str) -> str:
    return t(f"desk.because.{code}")


def _decide(business: Business, recommendation: Recommendation, key: str) -> None:
    widgets = st.session_state
    code = widgets[f"{key}_made"]
    instead = widgets.get(f"{key}_instead") or None if code == "overridden" else None
    decision = Decision(code, widgets[f"{key}_{code}_reason"], widgets[f"{key}_text"], instead)
    save = partial(decisions.decide, session.desk(), session.scope(), business, recommendation, decision)
    session.run_change(save, f"{key}_open", {f"{key}_text": ""})
