"""Recommended products of a business with their reasons; folded, why the other products are not recommended.

Shows what the build recommended. For the other products the rules are evaluated when they are unfolded, by the same SQL
as in the build (core.advice.rules.eligibility).
"""

from typing import Any

import pandas as pd
import streamlit as st

from core.config import policy
from pages.business import decisions
from pages.shared.parts import controls, notices
from pages.shared.read import product_rules, read
from pages.shared.text import money, number, offers, percent, t, unknown

COLOURS = {"ready": "green", "record_missing": "orange", "not_needed": "gray"}
UNPRICED = ("referral", "right")


def show(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The recommendations in their order, then the other products."""
    st.subheader(t("advice.title"), anchor=False)
    services = read("business/service", **chosen)
    recommendations = read("shared/business_offers", **chosen)
    if not services.empty:
        st.caption(_lead(services.iloc[0]))
    if recommendations.empty:
        notices.info("advice.none" if not services.empty else "advice.none_closed")
    for _, offer in recommendations.iterrows():
        _show_offer(card, offer)
    if not recommendations.empty:
        st.caption(t("advice.value_note", rate=percent(policy()["advice"]["emergency_rate"], 0)))
    controls.fold(t("advice.why_not"), "why_not", ":material/block:", lambda: show_why_not(chosen, recommendations))


def _lead(service: pd.Series) -> str:
    figures = {"allowed": number(service["allowed"]), "products": number(len(read("shared/product_names")))}
    words = [] if unknown(service["service"]) else [t("advice.service", service=t(f"service.{service['service']}"))]
    words += [t("advice.allowed", **figures)]
    words += [t("advice.cold")] if service["cold"] else []
    return " · ".join([*words, t("advice.catalogue", as_of=offers.as_of())])


def _show_offer(card: pd.Series, offer: pd.Series) -> None:
    """One recommendation: product, suitability, reasons, value, what to confirm first, and decisions on it."""
    with st.container(border=True, key=f"offer_{offer['product_id']}"):
        product, value = st.columns([5, 2], gap="medium")
        with product, st.container(gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{offer['rank']}. {offers.name(offer['product_id'])}**", width="content")
                st.badge(t(f"advice.kind.{offer['kind']}"), color="gray")
                st.badge(t(f"suitability.{offer['suitability']}"), color=COLOURS[offer["suitability"]])  # type: ignore[arg-type]
            st.markdown(offers.reasons(offer["reasons"]))
            if len(offer["confirm"]):
                st.caption(t("advice.confirm", rules=offers.rules(offer["confirm"])))
        with value, st.container(gap="xxsmall"):
            st.caption(t("advice.value"))
            st.markdown(f"**{_value(offer)}**")
            st.caption(_terms(offer))
        decisions.show(card, offer)


def _value(offer: pd.Series) -> str:
    """Expected value in a year; none for kinds without a price, and for a loan that is no cheaper."""
    if unknown(offer["expected_value_krw"]) or not offer["expected_value_krw"]:
        return t("advice.unpriced" if offer["kind"] in UNPRICED else "advice.no_gain")
    return t("advice.a_year", amount=money(offer["expected_value_krw"]))


def _terms(offer: pd.Series) -> str:
    # Acceptance is counted on sales: of a product that is not sold it would be that of other products.
    has_price = offer["kind"] not in UNPRICED or offer["expected_value_krw"] > 0
    words = [t("advice.taken", share=percent(offer["acceptance"], 0))] if has_price else []
    if not unknown(offer["amount_krw"]) and offer["amount_krw"] > 0:
        words.insert(0, t("advice.amount", amount=money(offer["amount_krw"])))
    return " · ".join(words)


def show_why_not(chosen: dict[str, Any], recommendations: pd.DataFrame) -> None:
    """Every product that is not recommended, with its reason."""
    products = product_rules(**chosen)
    rest = products[~products["product_id"].isin(recommendations["product_id"])] if len(products) else products
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
    """Why a product is not recommended: its rules, else that it is not needed, else that others rank higher."""
    if len(product["failed_rules"]):
        return offers.rules(product["failed_rules"])
    least = policy()["advice"]["need_min"]
    if product["need"] < least:
        return t("advice.no_need", need=number(product["need"], 2), least=number(least, 2))
    limits = {name: number(policy()["advice"][name]) for name in ("shown", "per_kind")}
    return t("advice.others_first", **limits)
