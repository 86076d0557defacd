"""Performance on outcomes that are certain: payments by week beside their gates, default and churn by month end."""

import pandas as pd
import streamlit as st

from pages.models import charts_watch
from pages.shared.charts.base import CONFIG
from pages.shared.parts import notices
from pages.shared.read import read
from pages.shared.text import day, features, month, number, percent, t, unknown

MODELS = ("payments", "default", "churn")
GATED = ("accuracy", "precision", "recall")
WEEKLY = (*GATED, "balanced_accuracy", "mcc", "pr_auc_failure", "base_rate_failure")
MONTHLY = ("roc_auc", "pr_auc", "base_rate", "expected_to_observed")
PLAIN = {"mcc": 3, "roc_auc": 3, "expected_to_observed": 2}  # digits; every other figure is a share
WEEKS = 26
EARLY = "early_30dpd_3m"


def show() -> None:
    """One model at a time."""
    name = st.segmented_control(
        t("models.choose"),
        MODELS,
        default=MODELS[0],
        format_func=features.model,
        required=True,
        key="performance_model",
    )
    if name == "payments":
        _show_weeks()
    else:
        _show_months(str(name))


def _show_weeks() -> None:
    weeks = read("models/watch_performance", model="payments", unit="week")
    if weeks.empty:
        notices.info("watch.no_performance")
        return
    days = read("models/watch_performance", model="payments", unit="rolling")
    lines = {features.metric(code): days[days["metric"] == code] for code in GATED}
    gates = {features.metric(code): rows["gate"].iloc[0] for code, rows in _by_metric(days) if code in GATED}
    st.markdown(f"**{t('watch.rolling')}**")
    st.plotly_chart(charts_watch.shares(lines, gates), key="rolling", config=CONFIG, width="stretch")
    missed = int(days["missed"].sum())
    st.markdown(t("watch.rolling_missed" if missed else "watch.rolling_held", days=number(missed)))
    st.markdown(f"**{t('watch.weekly')}**")
    st.dataframe(_weekly(weeks), hide_index=True, key="weekly", height=420)
    st.caption(t("watch.weekly_note", fewest=30))


def _by_metric(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(code), part) for code, part in rows.groupby("metric")]


def _weekly(weeks: pd.DataFrame) -> pd.DataFrame:
    """The newest weeks first: payments, failures, each figure with its interval."""
    starts = sorted(weeks["from_on"].unique(), reverse=True)[:WEEKS]
    found = {(row.from_on, row.metric): row for row in weeks.itertuples()}
    sizes = weeks.groupby("from_on")[["n", "positives"]].max()
    shown = {
        t("watch.week"): [day(start) for start in starts],
        t("watch.payments"): [number(sizes.loc[start, "n"]) for start in starts],
        t("watch.failures"): [number(sizes.loc[start, "n"] - sizes.loc[start, "positives"]) for start in starts],
    }
    for code in WEEKLY:
        shown[features.metric(code)] = [figure(found.get((start, code))) for start in starts]
    return pd.DataFrame(shown)


def figure(row: object) -> str:
    """A figure, its interval, and a mark when its gate is missed."""
    if row is None or unknown(row.value):  # type: ignore[attr-defined]
        return t("watch.too_few") if row is None else "–"
    form = _form(row.metric)  # type: ignore[attr-defined]
    ends = "" if unknown(row.low) else f" ({form(row.low)}–{form(row.high)})"  # type: ignore[attr-defined]
    mark = " ▼" if row.missed else ""  # type: ignore[attr-defined]
    return f"{form(row.value)}{ends}{mark}"  # type: ignore[attr-defined]


def _form(metric: str):  # type: ignore[no-untyped-def]
    return (lambda value: number(value, PLAIN[metric])) if metric in PLAIN else percent


def _show_months(name: str) -> None:
    months = read("models/watch_performance", model=name, unit="month")
    rows = months[months["state"] != "early"]
    if rows.empty:
        notices.info("watch.no_performance")
        return
    st.dataframe(_monthly(rows), hide_index=True, key="monthly", height="content")
    st.caption(t(f"watch.monthly_note_{name}", fewest=30, months=_ripening(rows.iloc[0])))
    early = months[months["state"] == "early"].tail(12)
    if len(early):
        st.markdown(f"**{t('watch.early')}**")
        st.plotly_chart(charts_watch.shares({t("watch.early_line"): early}, {}), key="early", config=CONFIG)
        st.caption(t("watch.early_note", last=month(early["to_on"].iloc[-1])))


def _ripening(row: pd.Series) -> int:
    """Months from a month end until its outcomes are certain."""
    end, known = pd.Timestamp(row["to_on"]), pd.Timestamp(row["known_on"])
    return 12 * (known.year - end.year) + known.month - end.month


def _monthly(rows: pd.DataFrame) -> pd.DataFrame:
    ends = sorted(rows["to_on"].unique(), reverse=True)
    found = {(row.to_on, row.metric): row for row in rows.itertuples()}
    first = {end: rows[rows["to_on"] == end].iloc[0] for end in ends}
    shown = {
        t("watch.month_end"): [day(end) for end in ends],
        t("watch.state"): [state_word(first[end]) for end in ends],
        "n": [number(first[end]["n"]) if not unknown(first[end]["n"]) else "–" for end in ends],
        t("models.events"): [number(first[end]["positives"]) if not unknown(first[end]["n"]) else "–" for end in ends],
    }
    for code in MONTHLY:
        shown[features.metric(code)] = [_month_figure(found.get((end, code))) for end in ends]
    return pd.DataFrame(shown)


def _month_figure(row: object) -> str:
    return "–" if row is None else figure(row)


def state_word(row: pd.Series) -> str:
    """Certain, too few, or the day when the outcomes will be certain."""
    return t(f"watch.states.{row['state']}", known_on=day(row["known_on"]))
