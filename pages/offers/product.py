"""One product: its terms and their source, the rules that exclude businesses, and the groups that it is for."""

import pandas as pd
import streamlit as st

from pages.offers import catalogue, charts, groups
from pages.shared.charts.base import CONFIG
from pages.shared.read import read
from pages.shared.text import day, lang, money, number, percent, t, unknown
from pages.shared.text.escape import paragraph

SHOWN_RULES = 8
WITH_RATE = ("loan", "guarantee", "policy", "deposit")


def show(product_id: str, chosen: pd.Series, managers: list[str]) -> None:
    """Terms and source, four figures, then rules beside groups."""
    show_terms(read("offers/product", product_id=product_id).iloc[0])
    show_figures(chosen)
    left, right = st.columns(2, gap="large")
    with left:
        show_rules(read("offers/blocking_rules", manager_ids=managers, product_id=product_id), chosen)
    with right:
        groups.show(product_id, managers, int(chosen["closed"]))


def show_terms(terms: pd.Series) -> None:
    """Rate, term, limit and conditions; their source and its day."""
    texts = [terms[f"{column}_{lang()}"] for column in ("condition", "note")]
    parts = [_rate(terms), _months(terms), _limit(terms), *(paragraph(text) for text in texts if not unknown(text))]
    st.markdown(" · ".join(part for part in parts if part))
    verified = t("offers.verified" if terms["verified"] else "offers.unverified")
    words = {"source": t(f"offers.source_{terms['origin']}"), "as_of": day(terms["as_of"])}
    st.caption(f"{t('offers.source', **words)} · {verified}", help=paragraph(terms["source"]))


def _rate(terms: pd.Series) -> str:
    if unknown(terms["rate_min"]):
        return t("offers.rate_unknown") if terms["kind"] in WITH_RATE else ""
    ends = {"low": percent(terms["rate_min"], 2), "high": percent(terms["rate_max"], 2)}
    basis = t(f"offers.rate_{terms['rate_source']}", as_of=day(terms["rate_as_of"]))
    return f"{t('offers.rate', **ends)} ({basis})"


def _months(terms: pd.Series) -> str:
    if unknown(terms["term_months_max"]):
        return ""
    low = terms["term_months_max"] if unknown(terms["term_months_min"]) else terms["term_months_min"]
    ends = dict.fromkeys(number(end) for end in (low, terms["term_months_max"]))
    return t("offers.months", months="~".join(ends))


def _limit(terms: pd.Series) -> str:
    if unknown(terms["limit_krw"]):
        return ""
    return t(f"offers.limit_{terms['limit_per']}", limit=money(terms["limit_krw"]))


def show_figures(chosen: pd.Series) -> None:
    """Businesses that get the recommendation, those of them that may be approached, their value, the excluded share."""
    first, second, third, fourth = st.columns(4)
    first.metric(t("offers.column.recommended"), _count(chosen["recommended"]))
    second.metric(t("offers.column.may_recommend"), _count(chosen["may_recommend"]), help=t("offers.help.information"))
    worth = t("advice.unpriced") if unknown(chosen["value_krw"]) else money(chosen["value_krw"])
    third.metric(t("offers.column.value_krw"), worth, help=catalogue.value_help())
    fourth.metric(
        t("offers.column.blocked_share"), percent(chosen["blocked_share"], 0), help=t("offers.help.blocked_share")
    )


def _count(n: float) -> str:
    return t("offers.count", count=number(n))


def _share(share: float) -> str:
    """A share as a percentage; with a decimal where it would round to 0."""
    return percent(share, 0 if share >= 0.01 else 1)


def show_rules(rules: pd.DataFrame, chosen: pd.Series) -> None:
    """Share of the open businesses that each rule excludes."""
    st.subheader(t("offers.rules"), anchor=False)
    if rules.empty:
        st.caption(t("offers.no_rule"))
        return
    top = rules.head(SHOWN_RULES)
    figure = charts.bars(
        [t(f"rule.{code}") for code in top["rule"]],
        top["share"].tolist(),
        [t("offers.bar", count=number(row.businesses), share=_share(row.share)) for row in top.itertuples()],
    )
    st.plotly_chart(figure, key="offers_rules", config=CONFIG, alt=t("offers.rules"))
    words = {"blocked": number(chosen["blocked"]), "businesses": number(chosen["businesses"])}
    more = t("offers.more_rules", count=number(len(rules) - len(top))) if len(rules) > len(top) else ""
    st.caption(f"{t('offers.rules_note', **words)} {more}".strip())
