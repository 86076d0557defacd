"""The history of a business: revenue by month, loans, products and contacts."""

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.business import forecast
from pages.shared.charts import business, theme
from pages.shared.charts.base import CONFIG
from pages.shared.parts import table_formats
from pages.shared.read import read
from pages.shared.text import day, money, number, percent, t, unknown
from pages.shared.text.names import plain_code_word

ENDS_SOON = 90  # days; own choice: from then on the end of a contract is marked
ALARM = f"color: {theme.TIER_COLOURS[1]}; font-weight: 600"


def show_months(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The revenue of the months on file and, where there is a forecast, of the months ahead."""
    ahead = forecast.rows(chosen, str(card["state"]))
    st.subheader(t("business.revenue" if ahead.empty else "forecast.title"), anchor=False)
    _show_revenue(read("shared/business_revenue", **chosen), card, ahead)


def _show_revenue(months: pd.DataFrame, card: pd.Series, ahead: pd.DataFrame) -> None:
    """Months on file beside the peers' median, then the forecast; a missing month is a gap, and a note counts them."""
    if months["revenue_krw"].notna().sum() == 0:
        st.caption(t("business.revenue_none"))
        return
    if card["state"] == "CLOSED":
        # After the closing no month is missing.
        months = months.loc[: months["revenue_krw"].last_valid_index()]
    own, peers = (_nones(months[column]) for column in ("revenue_krw", "peer_median_krw"))
    names = (t("business.own"), t("business.peers"))
    figure = business.revenue(months["month"], own, peers, names, money, forecast.chart(ahead))
    st.plotly_chart(figure, key="revenue", config=CONFIG, alt=t("business.revenue"))
    notes = [] if unknown(card["peer_businesses"]) else [_peers(card)]
    missing = int(months["revenue_krw"].isna().sum())
    notes += [t("business.revenue_missing", count=number(missing))] if missing else []
    st.caption("  \n".join([*notes, *forecast.notes(ahead, card)]))


def _nones(values: pd.Series) -> list[float | None]:
    return [None if unknown(value) else float(value) for value in values]


def _peers(card: pd.Series) -> str:
    key = "peers_whole" if card["peers_are_whole_category"] else "peers_are"
    return t(f"business.{key}", count=number(card["peer_businesses"]))


def show_contracts(card: pd.Series, chosen: dict[str, Any]) -> None:
    """Loans, then products beside contacts."""
    absent = set(read("shared/data_absent")["source_table"])
    st.subheader(t("business.loans"), anchor=False)
    _show_loans(read("business/loans", **chosen), card, absent)
    products, contacts = st.columns(2, gap="large")
    with products:
        st.subheader(t("business.products"), anchor=False)
        _show_products(read("business/holdings", **chosen), absent)
    with contacts:
        st.subheader(t("business.contacts"), anchor=False)
        _show_contacts(read("business/contacts", **chosen), absent)


def _show_products(holdings: pd.DataFrame, absent: set[str]) -> None:
    """Contracts, the open ones first; those that end soon are marked."""
    if holdings.empty:
        st.caption(t("business.products_absent" if "holdings" in absent else "business.products_none"))
        return
    table = pd.DataFrame(
        {
            t("business.product"): [plain_code_word("product", code) for code in holdings["product_id"]],
            t("business.contract"): [contract(row.days_left, row.closed_on) for row in holdings.itertuples()],
            t("business.opened"): [day(value) for value in holdings["opened_on"]],
            t("business.ends"): ["" if unknown(value) else day(value) for value in holdings["ends_on"]],
        }
    )
    # An unknown number of days compares as NA: such a contract has no end.
    soon = holdings["closed_on"].isna() & (holdings["days_left"] <= ENDS_SOON).fillna(False)
    _show_table(_alarmed(table.style, t("business.contract"), soon), "products")


def contract(days_left: float | None, closed_on: object) -> str:
    """Status of a contract in words: closed, open, past its end, or days to its end."""
    if not unknown(closed_on):
        return t("business.contract_closed", day=day(closed_on))
    if days_left is None or unknown(days_left) or days_left > ENDS_SOON:
        return t("business.contract_open")
    return t("business.contract_past") if days_left < 0 else t("business.contract_soon", days=number(days_left))


def _alarmed(styler: Styler, column: str, rows: "pd.Series[bool]") -> Styler:
    """The table with these rows of one column in the colour of an alarm."""
    return styler.apply(lambda _: [ALARM if is_alarm else "" for is_alarm in rows], subset=[column])


def _show_loans(loans: pd.DataFrame, card: pd.Series, absent: set[str]) -> None:
    """Open loans with balance, maturity and days past due; the overdraft below."""
    if loans.empty:
        st.caption(t("business.loans_absent" if "loans" in absent else "business.loans_none"))
    else:
        _show_loan_table(loans)
    if not unknown(card["overdraft_limit_krw"]) and card["overdraft_limit_krw"] > 0:
        used, limit = card["overdraft_used_krw"], card["overdraft_limit_krw"]
        share = percent(None if unknown(used) else used / limit, 0)
        st.markdown(t("business.overdraft", used=money(used), limit=money(limit), share=share))


def _show_loan_table(loans: pd.DataFrame) -> None:
    table = pd.DataFrame(
        {
            t("business.product"): [plain_code_word("product", code) for code in loans["product_id"]],
            t("business.balance"): loans["balance_krw"],
            t("business.late"): loans["days_past_due"],
            t("business.matures"): [_maturity(row.matures_on, row.days_left) for row in loans.itertuples()],
            t("business.rate"): loans["annual_rate"],
            t("business.principal"): loans["principal_krw"],
            t("business.repayment"): [plain_code_word("repayment", code) for code in loans["repayment"]],
        }
    )
    formats = {
        t("business.balance"): money,
        t("business.late"): _late,
        t("business.rate"): percent,
        t("business.principal"): money,
    }
    is_late = (loans["days_past_due"] > 0).fillna(False)
    _show_table(_alarmed(table_formats.styler(table, formats), t("business.late"), is_late), "loans")
    st.caption(t("business.balance_note"))


def _maturity(matures_on: pd.Timestamp, days_left: float) -> str:
    words = day(matures_on)
    return f"{words} ({contract(days_left, None)})" if days_left <= ENDS_SOON else words


def _late(days: object) -> str:
    return t("business.dpd_days", days=number(days)) if days else t("business.dpd_none")  # type: ignore[arg-type]


def _show_contacts(contacts: pd.DataFrame, absent: set[str]) -> None:
    """The newest contacts."""
    if contacts.empty:
        st.caption(t("business.contacts_absent" if "contacts" in absent else "business.contacts_none"))
        return
    table = pd.DataFrame(
        {
            t("business.contact_at"): [f"{moment:%Y-%m-%d %H:%M}" for moment in contacts["at"]],
            t("business.channel"): [plain_code_word("channel", code) for code in contacts["channel"]],
            t("business.topic"): [plain_code_word("topic", code) for code in contacts["topic"]],
            t("business.complaint"): contacts["complaint"].map({1: t("business.complaint_yes")}).fillna(""),
        }
    )
    _show_table(table, "contacts")


def _show_table(table: pd.DataFrame | Styler, key: str) -> None:
    st.dataframe(table, hide_index=True, key=f"table_{key}")
