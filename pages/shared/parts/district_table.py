"""Parts of the Districts page: the table, and tiers, trend and trade areas of the chosen district."""

import pandas as pd
import streamlit as st

from pages.shared import state
from pages.shared.charts import base
from pages.shared.parts import basket, chips, notices, table_formats
from pages.shared.read import read
from pages.shared.text import TIERS, money, month, names, number, percent, quarter, t, tier_word

BOOK = ("businesses", "score_p50", "weak_share", "pd_mean", "revenue_yoy_p50", "loan_balance_krw")
MARKET = ("areas", "market_score", "market_yoy", "sales_krw")
FORMATS: dict[str, table_formats.Format] = {
    "businesses": lambda value: number(value),
    "areas": lambda value: number(value),
    "score_p50": table_formats.score,
    "market_score": table_formats.score,
    "weak_share": percent,
    "pd_mean": percent,
    "revenue_yoy_p50": table_formats.growth,
    "market_yoy": table_formats.growth,
    "loan_balance_krw": money,
    "sales_krw": money,
    "score": table_formats.score,
    "sales_yoy": table_formats.growth,
}


def show_table(rows: pd.DataFrame) -> None:
    """The map as a table: sorted by a click on a heading, a click on a name chooses the district."""
    columns = ["name", *(BOOK if state.manager_ids() else MARKET)]
    table = rows[columns].copy()
    score = "score_p50" if state.manager_ids() else "market_score"
    shown = table_formats.styler(
        table, {column: FORMATS[column] for column in columns[1:]}, tiers={score: table_formats.tiers_of(table[score])}
    )
    st.dataframe(
        shown,
        key="district_table",
        hide_index=True,
        height=540,
        placeholder=t("text.unknown_short"),
        column_config={
            "name": table_formats.name_column(t("term.district"), "district_click", _take, list(rows["district_code"])),
            **{column: t(f"districts.column.{column}") for column in columns[1:]},
        },
    )


def _take(district: str) -> None:
    state.choose(district=district)


def show_header() -> None:
    """Name of the district, and buttons to its businesses and back to all districts."""
    district = state.selection().district
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(names.district(district) if district else t("districts.whole"), width="content")
        if state.manager_ids():
            st.button(
                t("districts.to_businesses" if district else "districts.to_all_businesses"),
                type="primary",
                icon=":material/storefront:",
                on_click=state.go,
                args=("businesses",),
            )
        if district:
            basket.button("areas", district)
            st.button(t("districts.clear"), on_click=state.choose, kwargs={"district": None}, type="tertiary")


def show_book(rows: pd.DataFrame) -> None:
    """The chosen district's (or all districts') tiers and the trend of its median score."""
    chosen = state.selection()
    mine = rows if chosen.district is None else rows[rows["district_code"] == chosen.district]
    counts = [(tier, int(mine[f"tier_{tier}"].fillna(0).sum())) for tier in TIERS]
    if not sum(count for _, count in counts):
        notices.info("districts.no_businesses")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{t('districts.tiers')}**")
        st.html(chips.tier_bar([(tier, n, _tier_count(tier, n)) for tier, n in counts]))
        st.caption(t("districts.counted", **_counted(mine)))
    with right:
        show_trend()


def _tier_count(tier: int, businesses: int) -> str:
    return t("districts.tier_count", tier=tier_word(tier), businesses=number(businesses))


def _counted(mine: pd.DataFrame) -> dict[str, str]:
    businesses, rated = int(mine["businesses"].sum()), int(mine["rated"].sum())
    return {"businesses": number(businesses), "unrated": number(businesses - rated)}


def show_trend() -> None:
    """Median score over the last 24 months."""
    chosen = state.selection()
    months = read(
        "shared/district_trend", manager_ids=state.manager_ids(), district=chosen.district, category=chosen.category
    ).dropna(subset=["score_p50"])
    st.markdown(f"**{t('districts.trend')}**")
    if len(months) < 2:
        st.caption(t("text.unknown"))
        return
    st.plotly_chart(
        base.trend(months["as_of"], months["score_p50"], t("districts.column.score_p50")), config=base.CONFIG
    )
    last = months.iloc[-1]
    st.caption(t("districts.trend_note", month=month(last["as_of"]), rated=number(last["rated"])))


def show_trade_areas() -> None:
    """The district's trade areas by sales, from the city's files."""
    chosen = state.selection()
    if chosen.district is None:
        return
    areas = read("shared/trade_areas", district=chosen.district, category=chosen.category)
    st.markdown(f"**{t('districts.areas')}**")
    if areas.empty:
        st.caption(t("districts.no_areas"))
        return
    st.caption(t("districts.areas_note", quarter=quarter(areas["quarter"].iloc[0]), areas=number(len(areas))))
    industries = names.by_code("industries")
    leading = [", ".join(industries.get(code, code) for code in codes) for codes in areas["industries"]]
    table = areas.assign(industries=leading)
    columns = ["name", "score", "sales_krw", "sales_yoy", "industries"]
    figures = {column: FORMATS[column] for column in columns[1:4]}
    st.dataframe(
        table_formats.styler(table[columns], figures, tiers={"score": table_formats.tiers_of(table["score"])}),
        key="trade_areas",
        hide_index=True,
        height=min(38 + 35 * len(table), 388),
        placeholder=t("text.unknown_short"),
        column_config={column: t(f"districts.area_column.{column}") for column in columns},
    )
