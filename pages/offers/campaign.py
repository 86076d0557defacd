"""Whom a product is recommended to and why, and the same as a campaign's list to take away.

A campaign leaves out whom it may not ask (state of the suitability record), whoever is held out of the retention
offers, and a share drawn by a hash of its name, so that its effect can be measured one day. All are counted.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.config import policy
from pages.shared import state, widget_keys
from pages.shared.parts import export, notices, table_formats
from pages.shared.read import build_info, read, read_uncached, reference
from pages.shared.text import day, in_language, lang, money, number, offers, percent, segments, t, unknown
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
PLAIN = ("score", "expected_value_krw", "amount_krw")  # in a file as bare numbers, so with their unit


@dataclass(frozen=True)
class Campaign:
    """What a list is drawn by: product, managers, states of suitability, name and hold-out share."""

    product_id: str
    managers: tuple[str, ...]
    states: tuple[str, ...]
    name: str
    share: float

    @property
    def params(self) -> dict[str, Any]:
        """Parameters of offers_list.sql, but for the number of rows."""
        return {
            "manager_ids": list(self.managers),
            "product_id": self.product_id,
            "states": list(self.states),
            "campaign": self.name,
            "holdout_share": self.share,
        }


def show(product_id: str, chosen: pd.Series, managers: list[str]) -> None:
    """What the campaign asks, how many are left of how many, the list, the files."""
    if not chosen["recommended"]:
        notices.info("offers.nobody")
        return
    campaign = ask(product_id, managers)
    rows = read("offers/list", **campaign.params, rows=SHOWN)
    counts = rows.iloc[0]
    st.markdown(_left(counts))
    st.caption(t("offers.holdout_note"))
    show_table(rows, campaign)
    if counts["recommended"] > len(rows):
        st.caption(t("offers.shown", shown=number(len(rows)), total=number(counts["recommended"])))
    name = f"{t('offers.file_name')}_{campaign.product_id}_{campaign.name}"
    export.buttons(_rows(campaign), _note(campaign, counts), int(counts["kept"]), name)


def ask(product_id: str, managers: list[str]) -> Campaign:
    """Widgets: which states of suitability, the campaign's name, how many are held out."""
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
            format_func=lambda part: percent(part, 0),
            key=widget_keys.OFFERS_SHARE,
            persist_state="session",
            width=220,
        )
    # Limits of a widget hold in the browser only.
    return Campaign(product_id, tuple(managers), tuple(states), str(name)[:LONGEST], min(float(share), SHARES[-1]))


def _left(counts: pd.Series) -> str:
    """Recommended, left out and why, left: the figures add up."""
    names = ("recommended", "left_record", "left_retention", "left_campaign", "kept")
    return t("offers.left", **{name: number(counts[name]) for name in names})


def show_table(rows: pd.DataFrame, campaign: Campaign) -> None:
    """One line a business, those in the campaign first; a click on the name opens it."""
    table = worded(rows)[list(COLUMNS)]
    key = f"offers_who_{campaign}"
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=min(38 + 35 * len(table), 38 + 35 * 15),
        column_config=_columns(key, list(rows["business_id"])),
        placeholder="–",
        alt=t("offers.who"),
    )


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    formats: dict[str, table_formats.Format] = dict.fromkeys(("expected_value_krw", "amount_krw"), money)
    formats["score"] = table_formats.score
    return table_formats.styler(table, formats, {"score": rows["tier"]})


def worded(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with reasons, states and what has to be confirmed in words."""
    names, language = offers.names(), lang()
    districts, industries = (reference().names[table, language] for table in ("districts", "industries"))
    return rows.assign(
        name=[clean(name) for name in rows["name"]],
        why=[offers.reasons(codes) for codes in rows["reasons"]],
        confirm=[offers.rules(codes) for codes in rows["confirm"]],
        suitability=[t(f"suitability.{code}") for code in rows["suitability"]],
        tying=[offers.tied_sales_block(row) for _, row in rows.iterrows()],
        campaign=[t("offers.in" if unknown(why) else f"offers.out_{why}") for why in rows["left_out"]],
        last_contact_on=[t("businesses.no_contact") if unknown(on) else day(on) for on in rows["last_contact_on"]],
        segment=[segments.name(code) for code in rows["segment"]],
        product=[names.get(code, code) for code in rows["product_id"]],
        district=[districts.get(code) for code in rows["district_code"]],
        industry=[industries.get(code) for code in rows["industry_code"]],
        registration_no=[export.masked_registration(digits) for digits in rows["registration_no"]],
    )


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {
        name: st.column_config.Column(t(f"offers.list.{name}"), width=WIDTHS.get(name)) for name in COLUMNS
    }
    return column | {"name": table_formats.name_column(t("offers.list.name"), f"{key}_open", state.open_business, ids)}


def _rows(campaign: Campaign) -> export.Rows:
    """Who is in the campaign, worded in the language of now: a download runs outside the session."""
    heads = {name: t(f"offers.list.{name}") for name in IN_FILE} | {name: t(f"offers.file.{name}") for name in PLAIN}
    language = lang()

    def rows(most: int) -> pd.DataFrame:
        found = read_uncached("offers/list", **campaign.params, rows=most)
        with in_language(language):
            told = worded(found[found["left_out"].isna()])
            tiers = [t("tier.none") if unknown(tier) else t(f"tier.{int(tier)}") for tier in told["tier"]]
        return told.assign(tier=tiers)[list(IN_FILE)].rename(columns=heads)

    return rows


def _note(campaign: Campaign, counts: pd.Series) -> export.Note:
    """As-of, scope, campaign, who was left out, what the states mean; that the data are invented, where they are."""
    facts = [
        *export.scope_facts(counts["as_of"]),
        (t("offers.campaign"), campaign.name),
        (t("offers.share"), percent(campaign.share, 0)),
        (t("offers.left_out"), _left(counts).replace("**", "")),
        (t("offers.catalogue_as_of"), offers.as_of()),
        (t("offers.law"), t("offers.law_note")),
    ]
    return export.file_note(t("offers.title"), facts)
