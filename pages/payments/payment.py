"""One payment in full: what the bank does with it, the parts of its risk index, and the reasons."""

import pandas as pd
import streamlit as st

from core.payments.risk_index import PARTS
from pages.payments import text as payment_text
from pages.shared import state
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import money, number, percent, t, unknown
from pages.shared.text.escape import safe


def show(managers: list[str]) -> None:
    """The chosen payment; nothing where none is chosen, a sentence where it is not in the chosen book."""
    payment_id = state.selection().payment
    if not payment_id:
        return
    rows = read("payments/payment", manager_ids=managers, payment_id=payment_id)
    with st.container(border=True):
        if rows.empty:
            notices.info("payments.not_here")
            return
        payment = rows.iloc[0]
        _show_head(payment)
        parts, why = st.columns(2, gap="large")
        with parts:
            _show_parts(payment)
        with why:
            _show_reasons(payment)


def _show_head(payment: pd.Series) -> None:
    """Business, time, amount, level and action, and a button that opens the business."""
    words = {
        "name": safe(payment["name"]),
        "at": f"{payment['at']:%Y-%m-%d %H:%M:%S}",
        "amount": money(payment["amount_krw"]),
        "method": payment_text.method(payment["method"]),
        "category": payment_text.category(payment["merchant_category"]),
        "outcome": payment_text.outcome(payment["succeeded"]),
    }
    st.markdown(t("payments.one", **words))
    level, index = payment_text.level(payment["level"]), payment_text.index(payment["risk_index"])
    st.markdown(t("payments.one_level", level=level, index=index, action=payment_text.action(payment["action"])))
    st.button(
        t("payments.to_business"), on_click=state.open_business, args=(payment["business_id"],), type="tertiary",
        icon=":material/badge:", key="payment_to_business",
    )  # fmt: skip


def _show_parts(payment: pd.Series) -> None:
    """The four parts with their values and their shares of the index."""
    st.markdown(f"**{t('payments.parts')}**")
    rows = pd.DataFrame(
        {
            t("payments.part"): [t(f"payments.part_name.{part}") for part in PARTS],
            t("payments.part_value"): [_three(payment[f"part_{part}"]) for part in PARTS],
            t("payments.part_share"): [_three(payment[f"share_{part}"]) for part in PARTS],
        }
    )
    st.dataframe(rows, hide_index=True, key="payment_parts", alt=t("payments.parts"))
    if payment["missing"]:
        names = ", ".join(t(f"payments.part_name.{part}") for part in payment["missing"].split(","))
        st.caption(t("payments.missing", parts=names))
    st.caption(t("payments.index_help"))


def _three(value: float) -> str:
    return "–" if unknown(value) else number(value, 3)


def _show_reasons(payment: pd.Series) -> None:
    """Reasons of both probabilities; the build computes none for a payment that is simply approved."""
    st.markdown(f"**{t('payments.reasons')}**")
    chances = {"success": payment["p_success"], "fraud": payment["p_fraud"]}
    for model, chance in chances.items():
        digits = 0 if model == "success" else 2
        st.markdown(t(f"payments.chance_{model}", chance=percent(chance, digits)))
        lines = payment_text.reasons(payment["reasons"], model)
        st.markdown("\n".join(f"- {line}" for line in lines) if lines else t("payments.no_reasons"))
    st.caption(_outcome(payment["fraud"]))


def _outcome(fraud: float) -> str:
    if unknown(fraud):
        return t("payments.not_labelled")
    return t("payments.was_fraud" if fraud else "payments.was_clean")
