"""Revenue of the months ahead: the forecast for the chart, and what must be said of it."""

import pandas as pd

from pages.shared.charts.business import Forecast
from pages.shared.read import has_tables, read
from pages.shared.text import day, money, month, percent, t, unknown


def forecast(chosen: dict[str, object], state: str) -> pd.DataFrame:
    """Rows of the forecast of one business; none for a closed one, and none in a build that made no forecast."""
    if state == "CLOSED" or not has_tables("revenue_forecast"):
        return pd.DataFrame(columns=["month", "revenue_krw", "state"])
    rows = read("business/forecast", **chosen)
    return rows[rows["revenue_krw"].notna()]


def ahead(rows: pd.DataFrame) -> Forecast | None:
    """The forecast as the chart draws it; nothing where there is none."""
    if rows.empty:
        return None
    names = (t("forecast.name"), t("forecast.band", share="80%"), t("forecast.band", share="95%"))
    inner, outer = ((rows[f"low{share}"].tolist(), rows[f"high{share}"].tolist()) for share in (80, 95))
    return Forecast(rows["month"].tolist(), rows["revenue_krw"].tolist(), inner, outer, names)


def notes(rows: pd.DataFrame, card: pd.Series) -> list[str]:
    """What the forecast says, where it comes from, how far it was off before, and that it promises nothing."""
    if rows.empty:
        known = card["state"] != "CLOSED" and has_tables("revenue_forecast")
        return [t("forecast.suspended" if card["state"] == "SUSPENDED" else "forecast.none")] if known else []
    first = rows.iloc[0]
    said = t(
        "forecast.first",
        month=month(first["month"]),
        expected=money(first["revenue_krw"]),
        low=money(first["low80"]),
        high=money(first["high80"]),
    )
    return [said, _judged(str(first["source"]), day(first["as_of"])), t("forecast.no_promise")]


def _judged(source: str, as_of: str) -> str:
    """Measured error and coverage of what made the forecast, a month ahead, over all businesses."""
    words = {"source": t(f"forecast.source.{source}"), "as_of": as_of}
    if not has_tables("forecast_accuracy", "forecast_coverage"):
        return t("forecast.made", **words)
    judged = read("business/bank_forecast_judged")
    name = "last_value" if source == "baseline" else source
    row = judged[(judged["model"] == name) & (judged["horizon"] == judged["horizon"].min())]
    if row.empty or unknown(row["wape"].iloc[0]):
        return t("forecast.made", **words)
    figures = {
        "wape": percent(row["wape"].iloc[0]),
        "covered_80": percent(row["covered_80"].iloc[0]),
        "covered_95": percent(row["covered_95"].iloc[0]),
        "n": f"{int(row['n'].iloc[0]):,}",
    }
    return t("forecast.made_judged", **words, **figures)
