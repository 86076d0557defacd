"""Every product of the catalogue: to how many businesses it is recommended, its value, and how many a rule excludes."""

from typing import Any

import pandas as pd
import streamlit as st

from core.config import policy
from pages.shared import state
from pages.shared.parts import business_table, table_formats
from pages.shared.read import read
from pages.shared.text import day, money, number, offers, percent, t, unknown

COLUMNS = ("name", "kind", "recommended", "may_recommend", "information", "value_krw", "blocked_share", "rule")
WIDTHS = {"rule": 330, "name": 190}  # pixels


def show(products: pd.DataFrame) -> None:
    """Age and sources of the catalogue, the table, and a note on what its figures count."""
    st.markdown(_catalogue(read("offers/product_catalogue").iloc[0]))
    table = _in_words(products)
    key = f"offers_{state.selection().scope}"
    st.dataframe(
        table_formats.styler(table, {"value_krw": money, "blocked_share": _share}),
        key=key,
        hide_index=True,
        height=business_table.height(len(table)),
        column_config=_columns(key, list(products["product_id"])),
        placeholder="–",
        alt=t("offers.table"),
    )
    words = {"businesses": number(products["businesses"].max()), "product": t("offers.column.name")}
    st.caption(t("offers.table_note", **words))


def _in_words(products: pd.DataFrame) -> pd.DataFrame:
    """The rows with product, kind and the most frequent rule in words."""
    names = offers.names()
    table = products.assign(
        name=[names.get(code, code) for code in products["product_id"]],
        kind=[t(f"advice.kind.{code}") for code in products["kind"]],
        rule=[_rule(code, share) for code, share in zip(products["rule"], products["rule_share"], strict=True)],
    )
    return table[list(COLUMNS)]


def choose(products: pd.DataFrame) -> str:
    """Id of the product that the rest of the page shows; a click in the table chooses it too."""
    codes, names = list(products["product_id"]), offers.names()
    if state.selection().product not in codes:
        state.choose(product=None)  # from a link made with another catalogue
    st.header(t("offers.one"), anchor=False)
    return st.selectbox(
        t("offers.choose"),
        codes,
        format_func=lambda code: names.get(code, code),
        label_visibility="collapsed",
        width=420,
        **state.widget("product", default=codes[0]),
    )


def _catalogue(facts: pd.Series) -> str:
    """Number of products, their days and sources, and how many are compared with the issuer's own terms."""
    days = dict.fromkeys(day(facts[end]) for end in ("oldest_as_of", "newest_as_of"))
    words = {"products": number(facts["products"]), "as_of": " ~ ".join(days)}
    feed = facts["with_finlife_rates"]
    source = t("offers.feed", count=number(feed), as_of=day(facts["finlife_as_of"])) if feed else t("offers.no_feed")
    verified = t("offers.unchecked", verified=number(facts["verified"]))
    return f"{t('offers.catalogue', **words)} · {verified} · {source}"


def _share(share: object) -> str:
    return percent(share, 0)  # type: ignore[arg-type]


def _rule(code: str | None, share: float) -> str:
    return "" if unknown(code) else t("offers.first_rule", rule=t(f"rule.{code}"), share=percent(share, 0))


def _columns(key: str, codes: list[str]) -> dict[str, Any]:
    helps = {name: t(f"offers.help.{name}") for name in ("blocked_share", "information")} | {"value_krw": value_help()}
    return business_table.columns(
        "offers.column", COLUMNS, key, codes, action=_choose_product, widths=WIDTHS, helps=helps
    )


def value_help() -> str:
    """What the expected value of a product counts, and at which interest rate."""
    return t("offers.help.value_krw", rate=percent(policy()["advice"]["emergency_rate"], 0))


def _choose_product(product_id: str) -> None:
    state.choose(product=product_id)
