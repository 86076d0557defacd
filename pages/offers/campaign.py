"""The businesses that a product is recommended to, and a campaign list of them as a file.

A campaign leaves out businesses whose suitability record has another state than chosen, those held out of the retention
offers, and a share drawn by a hash of the campaign's name, so that its effect can be measured later. All are counted.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import policy
from pages.shared import widget_keys
from pages.shared.parts import business_table, export, export_rows, notices, table_formats
from pages.shared.read import build_info, read
from pages.shared.text import money, names, number, offers, percent, segments, t, tier_word, unknown
from pages.shared.text.escape import clean

STATES = ("ready", "not_needed", "record_missing")
SHARES = (0.0, 0.05, 0.10, 0.15, 0.20, 0.30)
SHOWN = 100
LONGEST = 40  # characters of a campaign's name
COLUMNS = (
    "name",
    "score",
    "why",
    "suitability",
    "campaign",
    "expected_value_krw",
    "amount_krw",
    "tying",
    "confirm",
    "last_contact_on",
)
WIDTHS = {"why": 260, "confirm": 220, "tying": 170}  # pixels
IN_FILE = (
    "business_id",
    "name",
    "registration_no",
    "district",
    "industry",
    "segment",
    "tier",
    "score",
    "product",
    "why",
    "suitability",
    "suitability_on",
    "tying",
    "confirm",
    "expected_value_krw",
    "amount_krw",
    "last_contact_on",
)
WITH_UNIT = ("score", "expected_value_krw", "amount_krw")  # bare numbers in a file: their headings name the unit


@dataclass(frozen=True)
class Campaign:
    """Parameters of a campaign list: product, managers, states of suitability, name and hold-out share."""

    product_id: str
    managers: tuple[str, ...]
    states: tuple[str, ...]
    name: str
    share: float

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of list.sql without the number of rows."""
        return {
            "manager_ids": list(self.managers),
            "product_id": self.product_id,
            "states": list(self.states),
            "campaign": self.name,
            "holdout_share": self.share,
        }


def show(product_id: str, chosen: pd.Series, managers: list[str]) -> None:
    """The campaign's options, the numbers left out and kept, the list, the files."""
    if not chosen["recommended"]:
        notices.info("offers.nobody")
        return
    campaign = choose(product_id, managers)
    rows = read("offers/list", **campaign.params, rows=SHOWN)
    counts = rows.iloc[0]
    st.markdown(_counts(counts))
    st.caption(t("offers.holdout_note"))
    _show_table(rows, campaign)
    if counts["recommended"] > len(rows):
        st.caption(t("offers.shown", shown=number(len(rows)), total=number(counts["recommended"])))
    name = f"{t('offers.file_name')}_{campaign.product_id}_{campaign.name}"
    export.buttons(file_rows(campaign), _note(campaign, counts), int(counts["kept"]), name)


def choose(product_id: str, managers: list[str]) -> Campaign:
    """Widgets for the states of suitability, the campaign's name and the share that is held out."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        states = st.pills(
            t("offers.states"),
            STATES,
            selection_mode="multi",
            default=STATES[:2],
            format_func=lambda code: t(f"suitability.{code}"),
            key=widget_keys.OFFERS_STATES,
            persist_state="session",
        )
        name = st.text_input(
            t("offers.campaign"),
            value=f"{product_id}-{str(build_info().get('as_of'))[:7]}",
            max_chars=LONGEST,
            key=f"offers_campaign_{product_id}",
            persist_state="session",
            width=200,
            help=t("offers.campaign_help"),
        )
        share = st.select_slider(
            t("offers.share"),
            SHARES,
            value=policy()["retention"]["holdout_share"],
            format_func=lambda share: percent(share, 0),
            key=widget_keys.OFFERS_SHARE,
            persist_state="session",
            width=220,
        )
    # The browser enforces the limits of a widget, the server does not.
    return Campaign(product_id, tuple(managers), tuple(states), str(name)[:LONGEST], min(float(share), SHARES[-1]))


def _counts(counts: pd.Series) -> str:
    """Number of recommended businesses, of those left out by reason, and of those in the campaign."""
    columns = ("recommended", "left_record", "left_retention", "left_campaign", "kept")
    return t("offers.left", **{column: number(counts[column]) for column in columns})


def _show_table(rows: pd.DataFrame, campaign: Campaign) -> None:
    """A row per business, those in the campaign first; a click on the name opens it."""
    table = in_words(rows)[list(COLUMNS)]
    key = f"offers_who_{campaign}"
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=business_table.height(len(table), most=15),
        column_config=business_table.columns("offers.list", COLUMNS, key, list(rows["business_id"]), widths=WIDTHS),
        placeholder="–",
        alt=t("offers.who"),
    )


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    formats: dict[str, table_formats.Format] = dict.fromkeys(("expected_value_krw", "amount_krw"), money)
    formats["score"] = table_formats.score
    return table_formats.styler(table, formats, {"score": rows["tier"]})


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with words for codes and masked registration numbers."""
    products, districts, industries = offers.names(), names.by_code("districts"), names.by_code("industries")
    return rows.assign(
        name=[clean(name) for name in rows["name"]],
        why=[offers.reasons(codes) for codes in rows["reasons"]],
        confirm=[offers.rules(codes) for codes in rows["confirm"]],
        suitability=[t(f"suitability.{code}") for code in rows["suitability"]],
        tying=[offers.tied_sales_block(row) for _, row in rows.iterrows()],
        campaign=[t("offers.in" if unknown(code) else f"offers.out_{code}") for code in rows["left_out"]],
        last_contact_on=business_table.contact_days(rows["last_contact_on"]),
        segment=[segments.name(code) for code in rows["segment"]],
        product=[products.get(code, code) for code in rows["product_id"]],
        district=[districts.get(code) for code in rows["district_code"]],
        industry=[industries.get(code) for code in rows["industry_code"]],
        registration_no=[export.masked_registration(digits) for digits in rows["registration_no"]],
    )


def file_rows(campaign: Campaign) -> export.Rows:
    """The rows of the file: the businesses in the campaign."""
    heads = {name: t(f"offers.{'file' if name in WITH_UNIT else 'list'}.{name}") for name in IN_FILE}
    return export_rows.rows("offers/list", campaign.params, _in_campaign, heads)


def _in_campaign(rows: pd.DataFrame) -> pd.DataFrame:
    rows = in_words(rows[rows["left_out"].isna()])
    return rows.assign(tier=[tier_word(tier) for tier in rows["tier"]])


def _note(campaign: Campaign, counts: pd.Series) -> export.Note:
    """Facts of the file: as-of date, scope, campaign, who is left out, age of the catalogue, the law."""
    facts = [
        *export.scope_facts(counts["as_of"]),
        (t("offers.campaign"), campaign.name),
        (t("offers.share"), percent(campaign.share, 0)),
        (t("offers.left_out"), _counts(counts).replace("**", "")),
        (t("offers.catalogue_as_of"), offers.as_of()),
        (t("offers.law"), t("offers.law_note")),
    ]
    return export.file_note(t("offers.title"), facts)
