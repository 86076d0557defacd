"""Performance on final outcomes: payments by week against their gates, default and churn by month end."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.models.classifier.metrics import MIN_EVENTS
from pages.models import watch_charts
from pages.shared.charts.base import CONFIG
from pages.shared.parts import controls, notices
from pages.shared.read import read
from pages.shared.text import Number, day, features, month, number, percent, t, unknown

MODELS = ("payments", "default", "churn")
GATED = ("accuracy", "precision", "recall")
WEEKLY = (*GATED, "balanced_accuracy", "mcc", "pr_auc_failure", "base_rate_failure")
MONTHLY = ("roc_auc", "pr_auc", "base_rate", "expected_to_observed")
PLAIN = {"mcc": 3, "roc_auc": 3, "expected_to_observed": 2}  # digits; every other figure is a share
WEEKS = 26
EARLY = "early_30dpd_3m"


def show() -> None:
    """The figures of the chosen model."""
    name = controls.choose_one(t("models.choose"), MODELS, features.model, "performance_model")
    if name == "payments":
        _show_weeks()
    else:
        _show_months(name)


def _show_weeks() -> None:
    weeks = read("models/watch_performance", model="payments", unit="week")
    if weeks.empty:
        notices.info("watch.no_performance")
        return
    days = read("models/watch_performance", model="payments", unit="rolling")
    lines = {features.metric(code): days[days["metric"] == code] for code in GATED}
    gates = {name: rows["gate"].iloc[0] for name, rows in lines.items() if len(rows)}
    st.markdown(f"**{t('watch.rolling')}**")
    st.plotly_chart(watch_charts.shares(lines, gates), key="rolling", config=CONFIG, width="stretch")
    missed = int(days["missed"].sum())
    st.markdown(t("watch.rolling_missed" if missed else "watch.rolling_held", days=number(missed)))
    st.markdown(f"**{t('watch.weekly')}**")
    st.dataframe(_weekly(weeks), hide_index=True, key="weekly", height=420)
    st.caption(t("watch.weekly_note", fewest=MIN_EVENTS))


def _weekly(weeks: pd.DataFrame) -> pd.DataFrame:
    """A row per week, the newest first: payments, failures, each figure with its interval."""
    starts = sorted(weeks["from_on"].unique(), reverse=True)[:WEEKS]
    figures = {(row.from_on, row.metric): row for row in weeks.itertuples()}
    sizes = weeks.groupby("from_on")[["n", "positives"]].max()
    columns = {
        t("watch.week"): [day(start) for start in starts],
        t("watch.payments"): [number(sizes.loc[start, "n"]) for start in starts],
        t("watch.failures"): [number(sizes.loc[start, "n"] - sizes.loc[start, "positives"]) for start in starts],
    }
    for code in WEEKLY:
        columns[features.metric(code)] = [_figure(figures.get((start, code))) for start in starts]
    return pd.DataFrame(columns)


def _figure(row: object) -> str:
    """A figure with its interval, and a mark where it misses its gate."""
    if row is None or unknown(row.value):  # type: ignore[attr-defined]
        return t("watch.too_few") if row is None else "–"
    form = _form(row.metric)  # type: ignore[attr-defined]
    ends = "" if unknown(row.low) else f" ({form(row.low)}–{form(row.high)})"  # type: ignore[attr-defined]
    mark = " ▼" if row.missed else ""  # type: ignore[attr-defined]
    return f"{form(row.value)}{ends}{mark}"  # type: ignore[attr-defined]


def _form(metric: str) -> Callable[[Number], str]:
    return (lambda value: number(value, PLAIN[metric])) if metric in PLAIN else percent


def _show_months(name: str) -> None:
    months = read("models/watch_performance", model=name, unit="month")
    rows = months[months["state"] != "early"]
    if rows.empty:
        notices.info("watch.no_performance")
        return
    st.dataframe(_monthly(rows), hide_index=True, key="monthly", height="content")
    st.caption(t(f"watch.monthly_note_{name}", fewest=MIN_EVENTS, months=_months_to_final(rows.iloc[0])))
    early = months[months["state"] == "early"].tail(12)
    if len(early):
        st.markdown(f"**{t('watch.early')}**")
        st.plotly_chart(watch_charts.shares({t("watch.early_line"): early}, {}), key="early", config=CONFIG)
        st.caption(t("watch.early_note", last=month(early["to_on"].iloc[-1])))


def _months_to_final(row: pd.Series) -> int:
    """Months from a month end until its outcomes are final."""
    end, final = pd.Timestamp(row["to_on"]), pd.Timestamp(row["known_on"])
    return 12 * (final.year - end.year) + final.month - end.month


def _monthly(rows: pd.DataFrame) -> pd.DataFrame:
    ends = sorted(rows["to_on"].unique(), reverse=True)
    figures = {(row.to_on, row.metric): row for row in rows.itertuples()}
    first = [rows[rows["to_on"] == end].iloc[0] for end in ends]
    columns = {
        t("watch.month_end"): [day(end) for end in ends],
        t("watch.state"): [_state_word(row) for row in first],
        "n": ["–" if unknown(row["n"]) else number(row["n"]) for row in first],
        t("models.events"): ["–" if unknown(row["n"]) else number(row["positives"]) for row in first],
    }
    for code in MONTHLY:
        of_month = [figures.get((end, code)) for end in ends]
        columns[features.metric(code)] = ["–" if row is None else _figure(row) for row in of_month]
    return pd.DataFrame(columns)


def _state_word(row: pd.Series) -> str:
    """Final, too few events, or the day when the outcomes will be final."""
    return t(f"watch.states.{row['state']}", known_on=day(row["known_on"]))
