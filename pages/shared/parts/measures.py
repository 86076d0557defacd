"""What a district can be measured by: the book's own figures and the city's, one row a district."""

from dataclasses import dataclass

import pandas as pd

from pages.shared import selection, state
from pages.shared.charts import base, theme
from pages.shared.parts import table_formats
from pages.shared.read import read
from pages.shared.text import lang, money, number, percent, t


@dataclass(frozen=True)
class Kind:
    """A measure: how the map draws it, how a figure reads, and whether it needs the bank's book."""

    drawing: base.Measure
    words: table_formats.Format
    of_book: bool = True


def _share(value: object) -> str:
    return percent(value, 1)  # type: ignore[arg-type]


def _points(value: object) -> str:
    return t("text.points", points=number(value, 1))  # type: ignore[arg-type]


KINDS = {
    "score": Kind(base.Measure("score_p50", theme.GOOD, ".0f"), _points),
    "weak": Kind(base.Measure("weak_share", theme.BAD, ".0%"), _share),
    "pd": Kind(base.Measure("pd_mean", theme.BAD, ".1%"), _share),
    "growth": Kind(base.Measure("revenue_yoy_p50", theme.CHANGE, "+.0%", symmetric=True), table_formats.growth),
    "exposure": Kind(base.Measure("loan_balance_krw", theme.SIZE, "~s"), money),
    "market_score": Kind(base.Measure("market_score", theme.GOOD, ".0f"), _points, of_book=False),
    "market_growth": Kind(
        base.Measure("market_yoy", theme.CHANGE, "+.0%", symmetric=True), table_formats.growth, of_book=False
    ),
}


def available(districts: pd.DataFrame) -> list[str]:
    """Measures that the build has figures for."""
    return [code for code in selection.MEASURES if districts[KINDS[code].drawing.column].notna().any()]


def figures(districts: pd.DataFrame, kind: Kind) -> list[str]:
    """The measure of each district in words; where it is unknown, of how many businesses."""
    counts = districts["rated"].fillna(0)
    return [
        t("text.too_few", n=number(count)) if pd.isna(value) else kind.words(value)
        for value, count in zip(districts[kind.drawing.column], counts, strict=True)
    ]


def district_rows(category: str | None) -> pd.DataFrame:
    """One row per district: name and its place, the book's figures in the chosen scope, the city's figures."""
    rows = read("shared/district_labels")
    rows["name"] = rows["name_ko"] if lang() == "ko" else rows["name_en"]
    rows["label"] = [_label(name) for name in rows["name"]]
    market = read("shared/market_districts", category=category)
    market = market.rename(columns={"score": "market_score", "sales_yoy": "market_yoy"})
    return rows.merge(_book(category), on="district_code", how="left").merge(market, on="district_code", how="left")


def _book(category: str | None) -> pd.DataFrame:
    managers = state.manager_ids()
    if managers:
        return read("shared/district_summary", manager_ids=managers, category=category)
    return pd.DataFrame(columns=BOOK_COLUMNS, dtype="float64").astype({"district_code": "str"})


BOOK_COLUMNS = [
    "district_code",
    "businesses",
    "rated",
    "score_p50",
    "score_mean",
    "weak_share",
    "pd_mean",
    "revenue_yoy_p50",
    "loan_balance_krw",
    *(f"tier_{tier}" for tier in (1, 2, 3, 4, 5)),
]


def _label(name: str) -> str:
    # 강남구 as 강남, Gangnam-gu as Gangnam: the map has little room. 중구 stays whole.
    short = name.removesuffix("-gu") if name.endswith("-gu") else name.removesuffix("구")
    return short if len(short) > 1 else name
