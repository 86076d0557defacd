"""The head of the Business page: name and facts, tier and score, badges, state and key figures."""

import pandas as pd
import streamlit as st

from pages.shared.charts import theme
from pages.shared.parts import basket, cards, chips
from pages.shared.read import reference
from pages.shared.text import (
    anomaly,
    churn,
    day,
    escape,
    money,
    names,
    number,
    percent,
    t,
    tier_score,
    unknown,
    worklist,
)
from pages.shared.text.names import or_unknown

# Flags that the sentence about the state already says.
SHOWN_BY_STATE = ("ZERO_SALES", "SUSPENDED", "ZERO_2M", "MONTHS_MISSING", "WEIGHT_MISSING")


def show(card: pd.Series) -> None:
    """Name, tier, badges, key figures, and the state where it is not an ordinary one."""
    st.title(escape.safe(card["name"]), anchor=False)
    st.caption(_facts(card))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(chips.tier_chip(card["tier"], card["score"], card["state"], large=True), width="content")
        _show_badges(card)
        basket.button("basket", str(card["business_id"]))
    st.caption(_comparison(card), help=None if unknown(card["change"]) else t("work.ledger.help"))
    _show_state(card)
    _show_figures(card)


def _facts(card: pd.Series) -> str:
    manager, _ = reference().managers.get(card["manager_id"], (card["manager_id"], ""))
    facts = [
        t(
            "business.facts",
            industry=or_unknown(names.industry, card["industry_code"]),
            district=or_unknown(names.district, card["district_code"]),
            manager=escape.safe(manager),
        )
    ]
    if not unknown(card["area_name"]):
        facts.append(t("business.area", area=escape.safe(card["area_name"])))
    facts.append(t("business.ages", opened=day(card["opened_on"]), since=day(card["customer_since"])))
    if not unknown(card["employees"]):
        facts.append(t("business.employees", count=number(card["employees"])))
    return " · ".join([*facts, t("text.as_of", day=day(card["as_of"]))])


def _show_badges(card: pd.Series) -> None:
    if card["conflict"]:
        st.badge(t("business.conflict"), icon=":material/balance:", color="orange", help=t("business.conflict_help"))
    if card["pd_basis"] == "no_exposure":
        st.badge(t("business.no_exposure"), color="gray", help=t("business.no_exposure_help"))
    st.badge(t("business.ai_note"), icon=":material/info:", color="gray")


def _comparison(card: pd.Series) -> str:
    """The tier a month ago, and the median of the peers."""
    sentences = [] if unknown(card["score_1m"]) else [_last_month(card)]
    if unknown(card["peer_score"]):
        sentences.append(t("business.not_enough", n=number(0 if unknown(card["peers"]) else card["peers"])))
    else:
        figures = {"value": number(card["peer_score"]), "count": number(card["peer_businesses"])}
        sentences.append(t("business.peer_score", **figures))
    return " · ".join(sentences)


def _last_month(card: pd.Series) -> str:
    mark = "" if unknown(card["tier_move"]) or not card["tier_move"] else "▲ " if card["tier_move"] > 0 else "▼ "
    moved = mark + t("business.score_moved", before=tier_score(card["tier_1m"], card["score_1m"]))
    parts = worklist.change_parts(card)
    return f"{moved} ({parts})" if parts else moved


def _show_state(card: pd.Series) -> None:
    if card["state"] != "OK":
        show_words = st.warning if card["state"] in ("CLOSED", "SUSPENDED") else st.info
        show_words(state_words(card))
    for flag in flags(card):
        st.caption(f":material/flag: {t(f'business.flag.{flag}')}")


def state_words(card: pd.Series) -> str:
    """What the state means for the score, and what to do."""
    code = str(card["state"])
    if code == "INSUFFICIENT" and "WEIGHT_MISSING" in str(card["flags"]):
        code = "INSUFFICIENT_WEIGHT"
    months = number(0 if unknown(card["months_observed"]) else card["months_observed"])
    return t(f"business.state.{code}", months=months, day=day(card["status_on"]))


def flags(card: pd.Series) -> list[str]:
    """Flags of the score that the state does not already say; none where there is no score."""
    if unknown(card["score"]):
        return []
    codes = [] if unknown(card["flags"]) else card["flags"].split(",")
    return [code for code in codes if code and code not in SHOWN_BY_STATE]


def _show_figures(card: pd.Series) -> None:
    with cards.row(3 if churn.is_available() and anomaly.is_available() else 4):
        _figure("pd", pd_words(card), _peer_pd(card))
        _figure("exposure", *exposure(card))
        _figure("revenue_3m", money(card["revenue_3m_krw"]), _yoy(card))
        _figure("dpd", days_late(card), None)
        if churn.is_available():
            _figure("churn", _chance(card), None)
        if anomaly.is_available():
            _figure("anomaly", anomaly.top_share(card["anomaly_pct"]), t("business.anomaly_note"))


def _figure(key: str, value: str, note: str | None) -> None:
    cards.show(t(f"business.{key}"), value, note)


def _chance(card: pd.Series) -> str:
    if unknown(card["churn_3m"]):
        return t("text.unknown")
    return f"{theme.level_mark(card['churn_level'])} {churn.chance(card['churn_3m'], card['churn_level'])}"


def pd_words(card: pd.Series) -> str:
    """Probability with its band, or that there is none."""
    if unknown(card["pd_12m"]):
        return t("text.unknown")
    return t("business.pd_band", pd=percent(card["pd_12m"]), band=card["pd_band"])


def _peer_pd(card: pd.Series) -> str | None:
    if unknown(card["pd_12m"]) or unknown(card["peer_pd"]):
        return None
    return t("business.peer_pd", value=percent(card["peer_pd"]))


def exposure(card: pd.Series) -> tuple[str, str | None]:
    """What is lent, and the loss expected of it."""
    if unknown(card["exposure_krw"]):
        return t("text.unknown"), None
    if card["pd_basis"] == "no_exposure" or not card["exposure_krw"]:
        return t("business.exposure_none"), None
    loss = card["expected_loss_krw"]
    return money(card["exposure_krw"]), None if unknown(loss) else t("business.expected_loss", value=money(loss))


def _yoy(card: pd.Series) -> str | None:
    if unknown(card["revenue_yoy"]):
        return None
    return t("business.revenue_yoy", value=percent(card["revenue_yoy"], signed=True))


def days_late(card: pd.Series) -> str:
    """Days past due of its loans; none, or no loans, in words."""
    days = card["days_past_due"]
    if unknown(days):
        return t("business.no_loans") if unknown(card["open_loans"]) else t("text.unknown")
    return t("business.dpd_days", days=number(days)) if days > 0 else t("business.dpd_none")
