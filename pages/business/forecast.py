"""Forecast of one business's revenue: its rows for the chart, and notes on its source and accuracy."""

import pandas as pd

from pages.shared.charts.business import Forecast
from pages.shared.read import has_tables, read
from pages.shared.text import day, money, month, percent, t, unknown


def rows(chosen: dict[str, object], state: str) -> pd.DataFrame:
    """A row per month ahead; none for a closed business, and none in a build without a forecast."""
    if state == "CLOSED" or not has_tables("revenue_forecast"):
        return pd.DataFrame(columns=["month", "revenue_krw", "state"])
    months = read("business/forecast", **chosen)
    return months[months["revenue_krw"].notna()]


def chart(months: pd.DataFrame) -> Forecast | None:
    """The forecast for charts.business.revenue; None where there is none."""
    if months.empty:
        return None
    names = (t("forecast.name"), t("forecast.band", share="80%"), t("forecast.band", share="95%"))
    inner, outer = ((months[f"low{share}"].tolist(), months[f"high{share}"].tolist()) for share in (80, 95))
    return Forecast(months["month"].tolist(), months["revenue_krw"].tolist(), inner, outer, names)


def notes(months: pd.DataFrame, card: pd.Series) -> list[str]:
    """The forecast of the first month, its source and accuracy, and that it is no promise; why there is none."""
    if months.empty:
        is_open = card["state"] != "CLOSED" and has_tables("revenue_forecast")
        return [t("forecast.suspended" if card["state"] == "SUSPENDED" else "forecast.none")] if is_open else []
    first = months.iloc[0]
    expected = t(
        "forecast.first",
        month=month(first["month"]),
        expected=money(first["revenue_krw"]),
        low=money(first["low80"]),
        high=money(first["high80"]),
    )
    return [expected, _accuracy(str(first["source"]), day(first["as_of"])), t("forecast.no_promise")]


def _accuracy(source: str, as_of: str) -> str:
    """Error and coverage of this source of forecasts, one month ahead, over all businesses."""
    words = {"source": t(f"forecast.source.{source}"), "as_of": as_of}
    if not has_tables("forecast_accuracy", "forecast_coverage"):
        return t("forecast.made", **words)
    accuracy = read("business/bank_forecast_accuracy")
    model = "last_value" if source == "baseline" else source
    row = accuracy[(accuracy["model"] == model) & (accuracy["horizon"] == accuracy["horizon"].min())]
    if row.empty or unknown(row["wape"].iloc[0]):
        return t("forecast.made", **words)
    figures = {
        "wape": percent(row["wape"].iloc[0]),
        "covered_80": percent(row["covered_80"].iloc[0]),
        "covered_95": percent(row["covered_95"].iloc[0]),
        "n": f"{int(row['n'].iloc[0]):,}",
    }
    return t("forecast.made_judged", **words, **figures)
