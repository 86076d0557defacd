"""What a district can be measured by: the book's own figures and the city's, one row a district."""

import pandas as pd

from pages.shared import selection, state
from pages.shared.charts import theme
from pages.shared.charts.district_map import Measure
from pages.shared.parts import table_formats
from pages.shared.read import read
from pages.shared.text import lang, money, number, percent, t


def _points(value: float) -> str:
    return t("text.points", points=number(value, 1))


MEASURES = {
    "score": Measure("score_p50", theme.GOOD, ".0f", _points),
    "weak": Measure("weak_share", theme.BAD, ".0%", percent),
    "pd": Measure("pd_mean", theme.BAD, ".1%", percent),
    "growth": Measure("revenue_yoy_p50", theme.CHANGE, "+.0%", table_formats.growth, symmetric=True),
    "exposure": Measure("loan_balance_krw", theme.SIZE, "~s", money),
    "market_score": Measure("market_score", theme.GOOD, ".0f", _points),
    "market_growth": Measure("market_yoy", theme.CHANGE, "+.0%", table_formats.growth, symmetric=True),
}
# Of the book; a build without one has them empty.
BOOK_COLUMNS = (
    "district_code", "businesses", "rated", "score_p50", "score_mean", "weak_share", "pd_mean", "revenue_yoy_p50",
    "loan_balance_krw", "tier_1", "tier_2", "tier_3", "tier_4", "tier_5",
)  # fmt: skip


def available(districts: pd.DataFrame) -> list[str]:
    """Measures that the build has figures for."""
    return [code for code in selection.MEASURES if districts[MEASURES[code].column].notna().any()]


def figures(districts: pd.DataFrame, measure: Measure) -> list[str]:
    """The measure of each district in words; where it is unknown, of how many businesses."""
    counts = districts["rated"].fillna(0)
    return [
        t("text.too_few", n=number(count)) if pd.isna(value) else measure.words(value)
        for value, count in zip(districts[measure.column], counts, strict=True)
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
    return pd.DataFrame(columns=list(BOOK_COLUMNS), dtype="float64").astype({"district_code": "str"})


def _label(name: str) -> str:
    # 강남구 as 강남, Gangnam-gu as Gangnam: the map has little room. 중구 stays whole.
    short = name.removesuffix("-gu") if name.endswith("-gu") else name.removesuffix("구")
    return short if len(short) > 1 else name
