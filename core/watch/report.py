"""The performance report over N days, one page to read, to print or to file: payments beside their gates, the other
models as far as outcomes are certain, drift, rules, and what became of the alerts.

The days end with the newest payment of the build, not today: the report is about the data that the build has.

Reads  model_test, watch_performance, watch_drift, watch_rules, watch_model_alerts, build_info; the desk's alerts
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from core import db
from core.config import policy
from core.errors import DataError
from core.payments.success import SUCCESS
from core.report.language import Language
from core.report.note import Page, Section
from core.watch import performance
from core.watch.performance import MIN_EVENTS
from core.watch.run import success_cut

MAX_DAYS = 366
NOT_PERCENT = ("mcc", "roc_auc", "expected_to_observed")
MAX_LINES = 12  # of a section


@dataclass(frozen=True)
class Window:
    """The days of a report, both ends included."""

    first: date
    last: date


def report(con: db.Connection, models: Path, days: int, speak: Language, fates: pd.DataFrame | None = None) -> Page:
    """The report over the newest `days` days.

    Parameters
    ----------
    models : folder of the build's models
    fates : alerts of the desk (state, outcome, rule), None when the desk cannot be reached

    Raises
    ------
    DataError : `days` is out of bounds, or the build has nothing to report on
    """
    if not 1 <= days <= MAX_DAYS:
        raise DataError(f"a report over {days} days cannot be written; ask for 1 to {MAX_DAYS}")
    if not db.has_table(con, "watch_performance"):
        raise DataError("the build has no watch; import a bank's book and run `python -m core build`")
    facts = dict(con.table("build_info").select("key", "value").fetchall())
    window = _window(con, days, facts)
    sections = (
        _payments(con, models, window, speak),
        _months(con, speak),
        _drift(con, speak),
        _rules(con, speak),
        _fates(fates, speak),
    )
    span = {"days": days, "first": speak.day(window.first), "last": speak.day(window.last)}
    return Page(
        language=speak.code,
        kind=speak.words("watch.report.kind"),
        title=speak.words("watch.report.title", **span),
        subtitle=speak.words("watch.report.subtitle", build=facts.get("build_id", "–"), as_of=facts.get("as_of", "–")),
        badges=(speak.words("report.demo_badge"),) if db.is_demo(facts) else (),
        tier=None,
        sections=sections,
        notes=tuple(speak.words(f"watch.report.notes.{code}") for code in ("intervals", "trial", "matured")),
    )


def _window(con: db.Connection, days: int, facts: dict[str, Any]) -> Window:
    newest = con.execute("SELECT max(as_of) FROM model_test WHERE model = 'payments'").fetchall()[0][0]
    last = newest or date.fromisoformat(facts["as_of"])
    return Window(last - timedelta(days - 1), last)


def _section(speak: Language, code: str, lines: list[str]) -> Section:
    """A section; without lines the sentence that says that there is nothing."""
    return Section(speak.words(f"watch.report.{code}"), tuple(lines) or (speak.words(f"watch.report.{code}_none"),))


def _payments(con: db.Connection, models: Path, window: Window, speak: Language) -> Section:
    """The gates of the payment model over exactly these days."""
    query = (
        "SELECT entity_id, p, label FROM model_test WHERE model = 'payments' AND as_of BETWEEN $first AND $last"
        " ORDER BY entity_id, p"
    )
    rows = con.execute(query, vars(window)).df()
    if rows.empty:
        return _section(speak, "payments", [])
    decisions = policy()["payments"]
    cut = success_cut(models / SUCCESS.name)
    metrics = performance.payment_metrics(rows, cut, decisions["gates"], decisions["gate_pr_auc"])
    failures = int((rows["label"] == 0).sum())
    head = speak.words("watch.report.payments_n", n=f"{len(rows):,}", failures=f"{failures:,}")
    few = [] if failures >= MIN_EVENTS else [speak.words("watch.report.payments_few", fewest=MIN_EVENTS)]
    return _section(speak, "payments", [head, *(_metric_line(row, speak) for row in metrics), *few])


def _metric_line(row: dict[str, Any], speak: Language) -> str:
    """A metric with its interval; with a gate also whether it is missed, held, or open as the interval contains it."""
    text = _formatter(str(row["metric"]), speak)
    words = {name: text(row[name]) for name in ("value", "low", "high")}
    words["metric"] = speak.words(f"metric.{row['metric']}")
    if row["gate"] is None or pd.isna(row["gate"]):
        return speak.words("watch.report.line", **words)
    lowest, highest = row["gate"], None
    if row["metric"] == "expected_to_observed":
        lowest, highest = performance.EXPECTED_TO_OBSERVED
    is_held = row["low"] >= lowest and (highest is None or row["high"] <= highest)
    verdict = "missed" if row["missed"] else "held" if is_held else "open"
    gate = text(lowest) if highest is None else f"{lowest}–{highest}"
    return speak.words(f"watch.report.line_{verdict}", gate=gate, **words)


def _formatter(metric: str, speak: Language) -> Callable[[float], str]:
    return "{:.3f}".format if metric in NOT_PERCENT else speak.percent


def _months(con: db.Connection, speak: Language) -> Section:
    """Default and churn at the newest month end whose outcomes are certain, and the months that still wait."""
    query = "FROM watch_performance WHERE unit = 'month' AND state IN ('matured', 'immature') ORDER BY model, to_on"
    lines = []
    for name, rows in con.execute(query).df().groupby("model"):
        matured, immature = rows[rows["state"] == "matured"], rows[rows["state"] == "immature"]
        model = speak.code_name("model", str(name))
        for row in matured[matured["to_on"] == matured["to_on"].max()].to_dict("records"):
            if row["metric"] in ("roc_auc", "expected_to_observed"):
                words = {"model": model, "month": speak.month(row["to_on"]), "n": f"{int(row['n']):,}"}
                lines.append(speak.words("watch.report.month_line", line=_metric_line(row, speak), **words))
        if len(immature):
            first = immature.iloc[0]
            words = {"model": model, "month": speak.month(first["to_on"]), "known_on": speak.day(first["known_on"])}
            lines.append(speak.words("watch.report.month_waiting", months=len(immature), **words))
    return _section(speak, "months", lines)


def _drift(con: db.Connection, speak: Language) -> Section:
    rows = con.execute(db.sql("core/watch/sql/report_drift")).df().head(MAX_LINES)
    lines = [
        speak.words(
            "watch.report.drift_line",
            severity=speak.words(f"watch.severities.{row.severity}"),
            model=speak.code_name("model", row.model),
            column=speak.code_name("feature", row.subject),
            side=speak.words(f"watch.sides.{row.against}"),
            value=f"{row.value:.3f}",
            customers=_customers(row.customers, speak),
        )
        for row in rows.itertuples()
    ]
    return _section(speak, "drift", lines)


def _customers(count: Any, speak: Language) -> str:
    if pd.isna(count):
        return speak.words("watch.report.uncounted")
    return speak.words("watch.people", count=f"{int(count):,}")


def _rules(con: db.Connection, speak: Language) -> Section:
    rows = con.table("watch_rules").order("precision DESC NULLS LAST").df()
    lines = [
        speak.words(
            "watch.report.rule_line",
            rule=speak.words(f"watch.rules.{row.rule}"),
            judged=f"{row.judged:,}",
            hits=f"{row.hits:,}",
            precision=speak.percent(row.precision),
            base=speak.percent(row.base_rate),
            lead="–" if pd.isna(row.lead_median) else f"{row.lead_median:.1f}",
        )
        for row in rows[rows["judged"] >= MIN_EVENTS].itertuples()
    ]
    few = [speak.words(f"watch.rules.{rule}") for rule in rows.loc[rows["judged"] < MIN_EVENTS, "rule"]]
    if few:
        lines.append(speak.words("watch.report.rule_few", rules=", ".join(few), fewest=MIN_EVENTS))
    return Section(speak.words("watch.report.rules"), tuple(lines))


def _fates(fates: pd.DataFrame | None, speak: Language) -> Section:
    """The state and the outcome of the alerts that were sent, counted."""
    if fates is None:
        return Section(speak.words("watch.report.fates"), (speak.words("error.DeskError"),))
    counts = [
        *((f"watch.report.states.{code}", count) for code, count in fates["state"].value_counts().items()),
        *((f"watch.outcomes.{code}", count) for code, count in fates["outcome"].dropna().value_counts().items()),
    ]
    lines = [speak.words("watch.report.fate_line", what=speak.words(key), n=f"{count:,}") for key, count in counts]
    return _section(speak, "fates", lines)
