"""A decision beside a recommendation: taken, declined or overridden and why; earlier ones of all builds below."""

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
SHOWN = 3  # of a recommendation's decisions


@st.fragment
def show(card: pd.Series, offer: pd.Series) -> None:
    """Earlier decisions on this product for this business, and the way to decide."""
    with session.warn_if_unreachable():
        business = Business(str(card["business_id"]), str(card["manager_id"]))
        made = decisions.of_business(session.desk(), session.scope(), business.business_id)
        session.show_result()
        for _, row in made[made["product_id"] == offer["product_id"]].head(SHOWN).iterrows():
            show_made(row)
        on = Recommendation(build_id(), card["as_of"].date(), str(offer["product_id"]), int(offer["rank"]))
        _show_deciding(business, on)


def show_made(row: Any) -> None:
    """What was decided, why, by whom and when, and on which recommendation."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(t(f"desk.decision.{row['decision']}"), color=COLOURS[row["decision"]])  # type: ignore[arg-type]
        st.markdown(_why(row), width="content")
        signed = f"{session.korean_time(row['at'])} · {session.author_name(row['by'])}"
        place = t("desk.decided_on", as_of=day(row["as_of"]), rank=row["rank"])
        st.caption(f"{signed} · {place}", width="content", help=t("desk.decided_build", build=row["build_id"]))


def _why(row: Any) -> str:
    words = [t(f"desk.because.{row['reason']}")]
    if row["instead_product_id"]:
        words.append(t("desk.instead", product=offers.name(row["instead_product_id"])))
    if row["text"]:
        words.append(escape.paragraph(row["text"]))
    return " · ".join(words)


def _show_deciding(business: Business, on: Recommendation) -> None:
    key = f"{KEY}_{business.business_id}_{on.product_id}"
    deciding = session.form_popover(t("desk.decide"), f"{key}_open", icon=":material/gavel:")
    if not deciding.open:
        return
    with deciding:
        st.caption(session.signature())
        made = st.segmented_control(
            t("desk.decision_head"), REASONS, default="taken", required=True, key=f"{key}_made",
            format_func=lambda code: t(f"desk.decision.{code}"), help=t("desk.decision_help"),
        )  # fmt: skip
        reason = f"{key}_{made}_reason"
        st.selectbox(t("desk.because_head"), REASONS[str(made)], key=reason, format_func=_because)
        if made == "overridden":
            names = offers.names()
            st.selectbox(
                t("desk.instead_head"), ["", *(code for code in names if code != on.product_id)],
                key=f"{key}_instead", format_func=lambda code: names.get(code, t("desk.instead_none")),
            )  # fmt: skip
        st.text_input(t("desk.decision_text"), key=f"{key}_text", max_chars=500)
        session.save_button(t("desk.save"), f"{key}_save", _decide, business, on, key)


def _because(code: str) -> str:
    return t(f"desk.because.{code}")


def _decide(business: Business, on: Recommendation, key: str) -> None:
    told = st.session_state
    made = told[f"{key}_made"]
    instead = told.get(f"{key}_instead") or None if made == "overridden" else None
    decision = Decision(made, told[f"{key}_{made}_reason"], told[f"{key}_text"], instead)
    decide = partial(decisions.decide, session.desk(), session.scope(), business, on, decision)
    session.run_change(decide, f"{key}_open", {f"{key}_text": ""})
