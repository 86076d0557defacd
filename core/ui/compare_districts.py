"""Districts side by side: the own book there, the city's figures, and the median score over two years."""

from collections.abc import Sequence

import streamlit as st

from core.ui import basket, charts_compare, district_panel, measures, state, words
from core.ui.charts import CONFIG
from core.ui.data import read
from core.ui.text import quarter, t, unknown


def show(codes: Sequence[str]) -> None:
    """A column a district, then their medians over time where there is a book."""
    _show_heads(codes)
    every = measures.district_rows(state.selection().category).set_index("district_code")
    columns = (*district_panel.BOOK, *district_panel.MARKET) if state.manager_ids() else district_panel.MARKET
    table = every.loc[list(codes), list(columns)].T
    table = table.apply(lambda row: [_words(row.name, value) for value in row], axis=1, result_type="expand")
    table.index = [t(f"districts.column.{column}") for column in columns]
    st.table(table.set_axis([words.district(code) for code in codes], axis="columns"), border="horizontal")
    st.caption(t("frame.market_as_of", quarter=quarter(read("market_quarter")["quarter"].iloc[0])))
    if state.manager_ids():
        _show_trend(codes)


def _words(column: object, value: float) -> str:
    return t("text.unknown") if unknown(value) else district_panel.FORMATS[str(column)](value)


def _show_heads(codes: Sequence[str]) -> None:
    with st.container(horizontal=True, gap="small"):
        for code in codes:
            st.button(
                t("compare.take_named", name=words.district(code)),
                key=f"take_{code}",
                on_click=basket.toggle,
                args=("areas", code),
                icon=":material/remove:",
            )


def _show_trend(codes: Sequence[str]) -> None:
    lines = {}
    for code in codes:
        rows = read(
            "district_trend", manager_ids=state.manager_ids(), district=code, category=state.selection().category
        )
        if rows["score_p50"].notna().any():
            lines[words.district(code)] = (rows["as_of"], rows["score_p50"])
    if lines:
        st.markdown(f"**{t('districts.trend')}**")
        st.plotly_chart(charts_compare.lines(lines), key="compare_trend", config=CONFIG, alt=t("districts.trend"))
