"""Districts side by side: the own book there, the city's figures, and the median score over two years."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.compare import charts
from pages.shared import state
from pages.shared.charts.base import CONFIG
from pages.shared.parts import basket, district_table, measures
from pages.shared.read import read
from pages.shared.text import names, quarter, t, unknown


def show(codes: Sequence[str]) -> None:
    """A column per district; their median scores over time where there is a book."""
    _show_heads(codes)
    rows = measures.district_rows(state.selection().category).set_index("district_code")
    columns = (*district_table.BOOK, *district_table.MARKET) if state.manager_ids() else district_table.MARKET
    figures = {names.district(code): [_words(column, rows.loc[code, column]) for column in columns] for code in codes}
    st.table(pd.DataFrame(figures, index=[t(f"districts.column.{column}") for column in columns]), border="horizontal")
    st.caption(t("frame.market_as_of", quarter=quarter(read("shared/market_quarter")["quarter"].iloc[0])))
    if state.manager_ids():
        _show_trend(codes)


def _words(column: str, value: float) -> str:
    return t("text.unknown") if unknown(value) else district_table.FORMATS[column](value)


def _show_heads(codes: Sequence[str]) -> None:
    with st.container(horizontal=True, gap="small"):
        for code in codes:
            st.button(
                t("compare.take_named", name=names.district(code)),
                key=f"take_{code}",
                on_click=basket.toggle,
                args=("areas", code),
                icon=":material/remove:",
            )


def _show_trend(codes: Sequence[str]) -> None:
    lines = {}
    for code in codes:
        rows = read(
            "shared/district_trend", manager_ids=state.manager_ids(), district=code, category=state.selection().category
        )
        if rows["score_p50"].notna().any():
            lines[names.district(code)] = (rows["as_of"], rows["score_p50"])
    if lines:
        st.markdown(f"**{t('districts.trend')}**")
        st.plotly_chart(charts.lines(lines), key="compare_trend", config=CONFIG, alt=t("districts.trend"))
