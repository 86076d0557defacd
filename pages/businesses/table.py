"""The parts of the Businesses page: its table, and the way out of an empty result."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared import selection, state
from pages.shared.charts import theme
from pages.shared.parts import basket, table_formats
from pages.shared.read import read
from pages.shared.text import anomaly, churn, day, money, names, number, percent, segments, t, unknown

COLUMNS = [
    "name",
    "compare",
    "score",
    "score_change",
    "sparkline",
    "pd_12m",
    "churn_3m",
    "anomaly_pct",
    "revenue_3m_krw",
    "revenue_yoy",
    "district",
    "industry",
    "segment",
    "last_contact_on",
]
# A table cell is sorted by its number: what has no score comes after every score, in words.
UNRATED = {"INSUFFICIENT": 101, "CLOSED": 102}


def passed() -> dict[str, object]:
    """The filters as parameters of the list's queries, the manager's own book first."""
    chosen = state.selection()
    return {
        "manager_ids": state.manager_ids(),
        "district": chosen.district,
        "category": chosen.category,
        "tiers": list(chosen.tiers),
        "churn": list(chosen.churn),
        "anomaly": chosen.anomaly,
        "segment": chosen.segment,
        "state": chosen.state,
        "text": chosen.text.strip(),
    }


def counts() -> dict[str, int]:
    """Businesses in the scope, those that pass every filter, and those that would without one filter."""
    row = read("businesses/count", **passed()).iloc[0]
    return {str(name): int(value) for name, value in row.items()}


def show_way_out(left: Mapping[str, int]) -> None:
    """Says which filter to take away when nothing is left."""
    st.info(t("businesses.none" if left["scope"] else "businesses.empty_book"), icon=":material/search_off:")
    ways = {field: left[field] for field in selection.FILTERS if left[field]}
    for field, businesses in sorted(ways.items(), key=lambda way: -way[1]):
        name = t(f"businesses.filter.{field}")
        st.markdown(t("businesses.loosen", filter=name, businesses=number(businesses)))
        empty = {field: getattr(selection.Selection(), field)}
        st.button(
            t("businesses.loosen_button", filter=name), key=f"loosen_{field}", on_click=state.choose, kwargs=empty
        )
    if left["scope"] and not ways:
        st.markdown(t("businesses.loosen_all"))
    if left["scope"]:
        st.button(t("businesses.clear"), on_click=state.clear_filters, type="primary")


def show_count(businesses: int, scope: int) -> None:
    """How many businesses are left; always there."""
    words = {"businesses": number(businesses), "scope": number(scope)}
    st.markdown(f"**{t('businesses.count' if businesses == scope else 'businesses.count_of', **words)}**")


def show_table(most: int) -> None:
    """One page of the list; a click on a name opens the business."""
    chosen = state.selection()
    rows = read("businesses/businesses", **passed(), sort=chosen.sort, rows=most, offset=most * (chosen.page - 1))
    table = named(rows)[COLUMNS]
    # The key holds page and filters: with a lasting key a click could name a row of the page before.
    # What is compared changes no row: the table stays where it was scrolled to.
    key = f"businesses_{abs(hash(replace(chosen, basket=(), areas=())))}"
    st.dataframe(
        _worded(table, rows),
        key=key,
        hide_index=True,
        height=38 + 35 * len(table) if len(table) < 15 else 563,
        column_config=_columns(key, list(rows["business_id"])),
        placeholder=t("text.unknown_short"),
        alt=t("businesses.alt"),
    )


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with names of district and industry, and the last contact and what has no score in words."""
    return rows.assign(
        score=rows["score"].fillna(rows["state"].map(UNRATED)),
        last_contact_on=[t("businesses.no_contact") if unknown(on) else day(on) for on in rows["last_contact_on"]],
        district=rows["district_code"].map(names.by_code("districts")),
        industry=rows["industry_code"].map(names.by_code("industries")),
        segment=rows["segment"].map(segments.name, na_action="ignore"),
        compare=[basket.action_word("basket", business_id) for business_id in rows["business_id"]],
    )


def _worded(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    # A PD's band depends on the PD alone, so the format can find it by the value.
    bands = dict(zip(rows["pd_12m"], rows["pd_band"], strict=True))
    levels = dict(zip(rows["churn_3m"], rows["churn_level"], strict=True))
    formats: dict[str, table_formats.Format] = {
        "score": _score,
        "score_change": table_formats.change,
        "pd_12m": lambda pd_12m: t("businesses.pd", percent=percent(pd_12m), band=bands[pd_12m]),
        "churn_3m": lambda churn_3m: churn.chance(churn_3m, levels[churn_3m]),
        "anomaly_pct": anomaly.top_share,
        "revenue_3m_krw": money,
        "revenue_yoy": table_formats.growth,
    }
    marked = rows["churn_level"].map(theme.level_css)
    styler = table_formats.styler(table, formats, tiers={"score": rows["tier"]})
    return styler.apply(lambda _: marked, subset=["churn_3m"])


def _score(score: float) -> str:
    unrated = [code for code, rank in UNRATED.items() if rank == score]
    return t(f"state.{unrated[0]}") if unrated else table_formats.score(score)


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    column: dict[str, Any] = {name: st.column_config.Column(t(f"businesses.column.{name}")) for name in COLUMNS}
    return column | {
        "name": table_formats.name_column(t("businesses.column.name"), f"{key}_open", state.open_business, ids),
        "compare": table_formats.name_column(
            t("businesses.column.compare"), f"{key}_compare", basket.toggle_business, ids, pinned=False
        ),
        "sparkline": st.column_config.LineChartColumn(
            t("businesses.column.sparkline"), y_min=0, width=110, help=t("businesses.sparkline_help")
        ),
    }


def show_pages(pages: int) -> None:
    """The page numbers of the list."""
    page = state.selection().page
    # A key a page: Streamlit 1.67 warns when a pagination's value is set through the session state.
    key = f"page_{page}"
    st.pagination(pages, default=page, key=key, on_change=_take_page, args=(key,))


def _take_page(key: str) -> None:
    state.choose(page=st.session_state[key])
