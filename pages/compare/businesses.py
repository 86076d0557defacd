"""Businesses side by side: who they are, their figures, and their revenue on one scale."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.compare import charts
from pages.shared import state
from pages.shared.charts.base import CONFIG
from pages.shared.parts import basket, business_head, business_street, chips
from pages.shared.read import has_tables, read
from pages.shared.text import anomaly, churn, day, escape, money, names, number, offers, percent, t, tier_score, unknown
from pages.shared.text.names import or_unknown
from pages.shared.text.reasons import SCORE_FORMATS, score_reasons


def show(business_ids: Sequence[str]) -> None:
    """The businesses of the own book among these; the others are counted, never named."""
    cards = {business_id: _card(business_id) for business_id in business_ids}
    own = {business_id: card for business_id, card in cards.items() if card is not None}
    _show_left_out([business_id for business_id in business_ids if business_id not in own])
    if not own:
        return
    st.subheader(t("compare.businesses"), anchor=False)
    _show_heads(own)
    st.table(_table(own), border="horizontal", alt=t("compare.businesses"))
    _show_revenue(own)


def _table(own: dict[str, pd.Series]) -> pd.DataFrame:
    """A row a measure, a column a business."""
    return pd.DataFrame([rows(card) for card in own.values()]).T.set_axis(_heads(own), axis="columns")


def _heads(own: dict[str, pd.Series]) -> list[str]:
    """Names of the businesses; with the id where two have the same name."""
    names = [escape.clean(card["name"]) for card in own.values()]
    return [
        f"{name} ({business_id})" if names.count(name) > 1 else name
        for name, business_id in zip(names, own, strict=True)
    ]


def _card(business_id: str) -> pd.Series | None:
    cards = read("shared/business_card", **_params(business_id)) if state.manager_ids() else pd.DataFrame()
    return None if cards.empty else cards.iloc[0]


def _params(business_id: str) -> dict[str, Any]:
    return {"business_id": business_id, "manager_ids": state.manager_ids()}


def _show_left_out(business_ids: Sequence[str]) -> None:
    if not business_ids:
        return
    st.warning(t("compare.not_yours", count=number(len(business_ids))), icon=":material/lock:")
    st.button(t("compare.drop"), key="compare_drop", on_click=_drop, args=(tuple(business_ids),))


def _drop(business_ids: tuple[str, ...]) -> None:
    state.choose(basket=tuple(code for code in state.selection().basket if code not in business_ids))


def _show_heads(own: dict[str, pd.Series]) -> None:
    for column, (business_id, card) in zip(st.columns(len(own), gap="small"), own.items(), strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{escape.safe(card['name'])}**")
            st.html(chips.tier_chip(card["tier"], card["score"], card["state"]))
            facts = [
                or_unknown(names.industry, card["industry_code"]),
                or_unknown(names.district, card["district_code"]),
            ]
            st.caption(" · ".join(facts))
            with st.container(horizontal=True, gap="small"):
                st.button(t("compare.details"), key=f"open_{business_id}", on_click=state.open_business,
                          args=(business_id,))  # fmt: skip
                st.button(t("compare.take"), key=f"take_{business_id}", on_click=basket.toggle_business,
                          args=(business_id,), type="tertiary")  # fmt: skip


def rows(card: pd.Series) -> dict[str, str]:
    """Measure -> words for one business, in the order of the table."""
    params = _params(str(card["business_id"]))
    table = {
        t("term.score"): tier_score(card["tier"], card["score"]),
        t("compare.why_score"): _first_reason(card),
        t("business.pd"): business_head.pd_words(card),
    }
    if churn.is_available():
        table[t("business.churn")] = _churn(card)
    if anomaly.is_available():
        table[t("business.anomaly")] = anomaly.top_share(card["anomaly_pct"])
    table |= _of_sales(card, read("shared/business_street", **params).iloc[0])
    table |= {
        t("business.exposure"): business_head.exposure(card)[0],
        t("compare.loss"): money(card["expected_loss_krw"]),
        t("business.dpd"): business_head.days_late(card),
    }
    if has_tables("recommendations"):
        table[t("compare.offer")] = _first_offer(read("shared/business_offers", **params))
    return table | {t("export.as_of"): day(card["as_of"])}


def _of_sales(card: pd.Series, street: pd.Series) -> dict[str, str]:
    own, place = business_street.own_rank(street), business_street.street_rank(street)
    return {
        t("business.revenue_3m"): money(card["revenue_3m_krw"]),
        t("compare.yoy"): percent(card["revenue_yoy"], signed=True),
        t("compare.own_place"): _place(own),
        t("compare.street_place"): _place(None if place is None else place[0]),
        t("compare.stance"): t(f"compare.stance_{business_street.stance(street)}"),
    }


def _place(rank: float | None) -> str:
    return t("text.unknown") if rank is None else SCORE_FORMATS["industry"](rank)


def _first_reason(card: pd.Series) -> str:
    heaviest = score_reasons(card, 1)[0]
    return heaviest[0].sentence if heaviest else t(f"state.{card['state']}")


def _churn(card: pd.Series) -> str:
    return t("text.unknown") if unknown(card["churn_3m"]) else churn.chance(card["churn_3m"], card["churn_level"])


def _first_offer(recommendations: pd.DataFrame) -> str:
    if recommendations.empty:
        return t("compare.no_offer")
    first = recommendations.iloc[0]
    name = offers.names().get(first["product_id"], str(first["product_id"]))
    return t("compare.offer_state", product=name, state=t(f"suitability.{first['suitability']}"))


def _show_revenue(own: dict[str, pd.Series]) -> None:
    """Revenue by month as a percentage of the business's own mean: the lines compare the course, not the size."""
    lines = {}
    for heading, business_id in zip(_heads(own), own, strict=True):
        months = read("shared/business_revenue", **_params(business_id))
        mean = months["revenue_krw"].mean()
        # Unknown first: the mean of unknown months is pandas' NA, which has no truth value.
        if not unknown(mean) and mean:
            lines[heading] = (months["month"], 100 * months["revenue_krw"] / mean)
    if not lines:
        return
    st.markdown(f"**{t('compare.revenue')}**")
    st.plotly_chart(charts.lines(lines), key="compare_revenue", config=CONFIG, alt=t("compare.revenue"))
    st.caption(t("compare.revenue_note"))
