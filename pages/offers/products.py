"""Every product of the catalogue over the book: to how many, worth what, and how many a rule keeps from it."""

from typing import Any

import pandas as pd
import streamlit as st

from core.config import policy
from pages.shared import state
from pages.shared.parts import table_formats
from pages.shared.read import read
from pages.shared.text import day, money, number, offers, percent, t, unknown

COLUMNS = ("name", "kind", "recommended", "may_recommend", "information", "value_krw", "blocked_share", "rule")
WIDTHS = {"rule": 330, "name": 190}  # pixels


def show(products: pd.DataFrame) -> None:
    """How old the catalogue is, the table, and what its figures count."""
    st.markdown(_catalogue(read("offers/product_catalogue").iloc[0]))
    table = worded(products)
    key = f"offers_{state.selection().scope}"
    st.dataframe(
        table_formats.styler(table, {"value_krw": money, "blocked_share": _share}),
        key=key,
        hide_index=True,
        height=38 + 35 * len(table),
        column_config=_columns(key, list(products["product_id"])),
        placeholder="–",
        alt=t("offers.table"),
    )
    words = {"businesses": number(products["businesses"].max()), "product": t("offers.column.name")}
    st.caption(t("offers.table_note", **words))


def worded(products: pd.DataFrame) -> pd.DataFrame:
    """The rows with product, kind and the most frequent rule in words."""
    names = offers.names()
    shown = products.assign(
        name=[names.get(code, code) for code in products["product_id"]],
        kind=[t(f"advice.kind.{code}") for code in products["kind"]],
        rule=[_rule(code, share) for code, share in zip(products["rule"], products["rule_share"], strict=True)],
    )
    return shown[list(COLUMNS)]


def choose(products: pd.DataFrame) -> str:
    """The product that the rest of the page is about; a click in the table chooses it too."""
    codes, names = list(products["product_id"]), offers.names()
    if state.selection().product not in codes:
        state.choose(product=None)  # of a link from another catalogue
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
    """Number of products, their days and sources: a catalogue that nobody has compared with the issuer says so."""
    days = dict.fromkeys(day(facts[end]) for end in ("oldest_as_of", "newest_as_of"))
    words = {"products": number(facts["products"]), "as_of": " ~ ".join(days)}
    feed = facts["with_finlife_rates"]
    source = t("offers.feed", count=number(feed), as_of=day(facts["finlife_as_of"])) if feed else t("offers.no_feed")
    checked = t("offers.unchecked", verified=number(facts["verified"]))
    return f"{t('offers.catalogue', **words)} · {checked} · {source}"


def _share(share: object) -> str:
    return percent(share, 0)  # type: ignore[arg-type]


def _rule(code: str | None, share: float) -> str:
    return "" if unknown(code) else t("offers.first_rule", rule=t(f"rule.{code}"), share=percent(share, 0))


def _columns(key: str, codes: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(
            t(f"offers.column.{name}"),
            help=_help(name),
            width=WIDTHS.get(name),
        )
        for name in COLUMNS
    }
    return column | {"name": table_formats.name_column(t("offers.column.name"), f"{key}_open", _take, codes)}


def _help(column: str) -> str | None:
    if column == "value_krw":
        return value_help()
    return t(f"offers.help.{column}") if column in ("blocked_share", "information") else None


def value_help() -> str:
    """What the expected value of a product counts, and at which rates."""
    return t("offers.help.value_krw", rate=percent(policy()["advice"]["emergency_rate"], 0))


def _take(product_id: str) -> None:
    state.choose(product=product_id)
