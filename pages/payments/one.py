"""One payment in full: what the bank does with it, of what its risk is made, and why."""

import pandas as pd
import streamlit as st

from core.payments.risk_index import PARTS
from pages.payments import words
from pages.shared import state
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import money, number, percent, t, unknown
from pages.shared.text.escape import safe


def show(managers: list[str]) -> None:
    """The payment that is chosen; nothing when none is, a sentence when it is in nobody's book here."""
    chosen = state.selection().payment
    if not chosen:
        return
    found = read("payments/one", manager_ids=managers, payment_id=chosen)
    with st.container(border=True):
        if found.empty:
            notices.info("payments.not_here")
            return
        payment = found.iloc[0]
        show_head(payment)
        parts, why = st.columns(2, gap="large")
        with parts:
            show_parts(payment)
        with why:
            show_reasons(payment)


def show_head(payment: pd.Series) -> None:
    """Where, when, how much, what follows; and the way to the business."""
    facts = {
        "name": safe(payment["name"]),
        "at": f"{payment['at']:%Y-%m-%d %H:%M:%S}",
        "amount": money(payment["amount_krw"]),
        "method": words.method(payment["method"]),
        "category": words.category(payment["merchant_category"]),
        "outcome": words.outcome(payment["succeeded"]),
    }
    st.markdown(t("payments.one", **facts))
    level, index = words.level(payment["level"]), words.index(payment["risk_index"])
    st.markdown(t("payments.one_level", level=level, index=index, action=words.action(payment["action"])))
    st.button(
        t("payments.to_business"), on_click=state.open_business, args=(payment["business_id"],), type="tertiary",
        icon=":material/badge:", key="payment_to_business",
    )  # fmt: skip


def show_parts(payment: pd.Series) -> None:
    """The four parts, and how much of the index each one is."""
    st.markdown(f"**{t('payments.parts')}**")
    rows = pd.DataFrame(
        {
            t("payments.part"): [t(f"payments.part_name.{part}") for part in PARTS],
            t("payments.part_value"): [_plain(payment[f"part_{part}"]) for part in PARTS],
            t("payments.part_share"): [_plain(payment[f"share_{part}"]) for part in PARTS],
        }
    )
    st.dataframe(rows, hide_index=True, key="payment_parts", alt=t("payments.parts"))
    if payment["missing"]:
        names = ", ".join(t(f"payments.part_name.{part}") for part in payment["missing"].split(","))
        st.caption(t("payments.missing", parts=names))
    st.caption(t("payments.index_help"))


def _plain(value: float) -> str:
    return "–" if unknown(value) else number(value, 3)


def show_reasons(payment: pd.Series) -> None:
    """Reasons of the two chances; a payment that is simply approved has none worked out."""
    st.markdown(f"**{t('payments.reasons')}**")
    chances = {"success": payment["p_success"], "fraud": payment["p_fraud"]}
    for model, chance in chances.items():
        digits = 0 if model == "success" else 2
        st.markdown(t(f"payments.chance_{model}", chance=percent(chance, digits)))
        told = words.reasons(payment["reasons"], model)
        st.markdown("\n".join(f"- {line}" for line in told) if told else t("payments.no_reasons"))
    st.caption(_outcome(payment["fraud"]))


def _outcome(fraud: float) -> str:
    if unknown(fraud):
        return t("payments.not_labelled")
    return t("payments.was_fraud" if fraud else "payments.was_clean")
