"""The table of the Businesses page, its pages and its count, and the way out of an empty result."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.shared import selection, state
from pages.shared.parts import basket, business_table, table_formats
from pages.shared.read import read
from pages.shared.text import anomaly, money, names, number, percent, segments, t

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
# A column is sorted by its numbers: a business without a score comes after every score, shown in words.
UNRATED = {"INSUFFICIENT": 101, "CLOSED": 102}


def filter_params() -> dict[str, object]:
    """The managers and the chosen filters as parameters of businesses.sql and count.sql."""
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
    """Numbers of businesses: in the scope, of those that pass every filter, and without each one of the filters."""
    row = read("businesses/count", **filter_params()).iloc[0]
    return {str(name): int(value) for name, value in row.items()}


def show_way_out(counts: Mapping[str, int]) -> None:
    """Which filter to remove when no business passes all of them."""
    st.info(t("businesses.none" if counts["scope"] else "businesses.empty_book"), icon=":material/search_off:")
    ways = {field: counts[field] for field in selection.FILTERS if counts[field]}
    for field, businesses in sorted(ways.items(), key=lambda way: -way[1]):
        name = t(f"businesses.filter.{field}")
        st.markdown(t("businesses.loosen", filter=name, businesses=number(businesses)))
        empty = {field: getattr(selection.Selection(), field)}
        st.button(
            t("businesses.loosen_button", filter=name), key=f"loosen_{field}", on_click=state.choose, kwargs=empty
        )
    if counts["scope"] and not ways:
        st.markdown(t("businesses.loosen_all"))
    if counts["scope"]:
        st.button(t("businesses.clear"), on_click=state.clear_filters, type="primary")


def show_count(businesses: int, scope: int) -> None:
    """How many businesses pass the filters."""
    words = {"businesses": number(businesses), "scope": number(scope)}
    st.markdown(f"**{t('businesses.count' if businesses == scope else 'businesses.count_of', **words)}**")


def show_table(most: int) -> None:
    """One page of the list; a click on a name opens the business."""
    chosen = state.selection()
    query = filter_params() | {"sort": chosen.sort, "rows": most, "offset": most * (chosen.page - 1)}
    rows = read("businesses/businesses", **query)
    table = in_words(rows)[COLUMNS]
    # The key holds page and filters: with one key for all, a click could open a row of the page before.
    # The basket is not in it: it changes no row, and the table keeps its scroll position.
    key = f"businesses_{abs(hash(replace(chosen, basket=(), areas=())))}"
    st.dataframe(
        _styled(table, rows),
        key=key,
        hide_index=True,
        height=business_table.height(len(table), most=15),
        column_config=_columns(key, list(rows["business_id"])),
        placeholder=t("text.unknown_short"),
        alt=t("businesses.alt"),
    )


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with names for codes, the last contact in words, and a rank where there is no score (UNRATED)."""
    return rows.assign(
        score=rows["score"].fillna(rows["state"].map(UNRATED)),
        last_contact_on=business_table.contact_days(rows["last_contact_on"]),
        district=rows["district_code"].map(names.by_code("districts")),
        industry=rows["industry_code"].map(names.by_code("industries")),
        segment=rows["segment"].map(segments.name, na_action="ignore"),
        compare=[basket.action_word("basket", business_id) for business_id in rows["business_id"]],
    )


def _styled(table: pd.DataFrame, rows: pd.DataFrame) -> Styler:
    # The band follows from the PD alone, so the format can look it up by the value.
    bands = dict(zip(rows["pd_12m"], rows["pd_band"], strict=True))
    formats: dict[str, table_formats.Format] = {
        "score": _score,
        "score_change": table_formats.change,
        "pd_12m": lambda pd_12m: t("businesses.pd", percent=percent(pd_12m), band=bands[pd_12m]),
        "anomaly_pct": anomaly.top_share,
        "revenue_3m_krw": money,
        "revenue_yoy": table_formats.growth,
    }
    return business_table.with_churn(table, rows, formats, {"score": rows["tier"]})


def _score(score: float) -> str:
    unrated = [code for code, rank in UNRATED.items() if rank == score]
    return t(f"state.{unrated[0]}") if unrated else table_formats.score(score)


def _columns(key: str, ids: list[str]) -> dict[str, Any]:
    return business_table.columns("businesses.column", COLUMNS, key, ids) | {
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
    # One key per page: Streamlit 1.67 warns when a pagination's value is set through the session state.
    key = f"page_{page}"
    st.pagination(pages, default=page, key=key, on_change=_take_page, args=(key,))


def _take_page(key: str) -> None:
    state.choose(page=st.session_state[key])
