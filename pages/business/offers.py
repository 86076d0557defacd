"""What to offer the business and why; folded, why every other product is not offered.

Shows what the build recommended. The rules of the products that are left are judged when somebody unfolds them, by the
same SQL as in the build (core.advice.rules.eligibility).
"""

from typing import Any

import pandas as pd
import streamlit as st

from core.config import policy
from pages.business import decisions
from pages.shared.parts import notices
from pages.shared.read import product_rules, read
from pages.shared.text import money, number, offers, percent, t, unknown

COLOURS = {"ready": "green", "record_missing": "orange", "not_needed": "gray"}
UNPRICED = ("referral", "right")


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The recommendations in their order, then the fold."""
    st.subheader(t("advice.title"), anchor=False)
    services = read("business/service", **chosen)
    recommendations = read("shared/business_offers", **chosen)
    if not services.empty:
        st.caption(_lead(services.iloc[0]))
    if recommendations.empty:
        notices.info("advice.none" if not services.empty else "advice.none_closed")
    for _, offer in recommendations.iterrows():
        show_offer(card, offer)
    if not recommendations.empty:
        st.caption(t("advice.value_note", rate=percent(policy()["advice"]["emergency_rate"], 0)))
    left = st.expander(t("advice.why_not"), icon=":material/block:", key="why_not", on_change="rerun")
    if left.open:
        with left:
            show_why_not(chosen, recommendations)


def _lead(service: pd.Series) -> str:
    figures = {"allowed": number(service["allowed"]), "products": number(len(read("shared/product_names")))}
    words = [] if unknown(service["service"]) else [t("advice.service", service=t(f"service.{service['service']}"))]
    words += [t("advice.allowed", **figures)]
    words += [t("advice.cold")] if service["cold"] else []
    return " · ".join([*words, t("advice.catalogue", as_of=offers.as_of())])


def show_offer(card: pd.Series, offer: pd.Series) -> None:
    """One recommendation: the product, whether it may be recommended, why, its worth, what to confirm first."""
    with st.container(border=True, key=f"offer_{offer['product_id']}"):
        what, worth = st.columns([5, 2], gap="medium")
        with what, st.container(gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{offer['rank']}. {offers.name(offer['product_id'])}**", width="content")
                st.badge(t(f"advice.kind.{offer['kind']}"), color="gray")
                st.badge(t(f"suitability.{offer['suitability']}"), color=COLOURS[offer["suitability"]])  # type: ignore[arg-type]
            st.markdown(offers.reasons(offer["reasons"]))
            if len(offer["confirm"]):
                st.caption(t("advice.confirm", rules=offers.rules(offer["confirm"])))
        with worth, st.container(gap="xxsmall"):
            st.caption(t("advice.value"))
            st.markdown(f"**{_value(offer)}**")
            st.caption(_how(offer))
        decisions.show(card, offer)


def _value(offer: pd.Series) -> str:
    """What it is worth; advice has no price, and a loan that is no cheaper saves nothing."""
    if unknown(offer["expected_value_krw"]) or not offer["expected_value_krw"]:
        return t("advice.unpriced" if offer["kind"] in UNPRICED else "advice.no_gain")
    return t("advice.a_year", amount=money(offer["expected_value_krw"]))


def _how(offer: pd.Series) -> str:
    # Of what nobody buys no offer was ever counted: a chance would be that of other products.
    priced = offer["kind"] not in UNPRICED or offer["expected_value_krw"] > 0
    words = [t("advice.taken", share=percent(offer["acceptance"], 0))] if priced else []
    if not unknown(offer["amount_krw"]) and offer["amount_krw"] > 0:
        words.insert(0, t("advice.amount", amount=money(offer["amount_krw"])))
    return " · ".join(words)


def show_why_not(chosen: dict[str, Any], recommendations: pd.DataFrame) -> None:
    """Every product that is not recommended, with the rules that forbid it or what else keeps it from the list."""
    judged = product_rules(**chosen)
    rest = judged[~judged["product_id"].isin(recommendations["product_id"])] if len(judged) else judged
    if rest.empty:
        st.caption(t("advice.not_judged"))
        return
    st.caption(t("advice.why_not_lead", count=number(len(rest)), blocked=number(int((~rest["eligible"]).sum()))))
    # A list: in a table of three columns the sentences leave no room for the names.
    st.markdown("\n".join(_line(row) for _, row in rest.iterrows()))


def _line(product: pd.Series) -> str:
    kind = t(f"advice.kind.{product['kind']}")
    return f"- **{offers.name(product['product_id'])}** :gray-badge[{kind}]  \n  {why_not(product)}"


def why_not(product: pd.Series) -> str:
    """Words of why a product is not in the list: its rules, else that it is not needed, else that others go first."""
    if len(product["failed_rules"]):
        return offers.rules(product["failed_rules"])
    least = policy()["advice"]["need_min"]
    if product["need"] < least:
        return t("advice.no_need", need=number(product["need"], 2), least=number(least, 2))
    decided = policy()["advice"]
    return t("advice.others_first", shown=number(decided["shown"]), per_kind=number(decided["per_kind"]))
