"""The performance report over N days: payments beside their gates, the other models as far as outcomes are certain,
what drifted, how alerts fared. One page to read, to print, to file.

Days are those before the newest payment of the build, not of the calendar: the report says how the models did on the
data there are.

Reads  model_test, watch_performance, watch_drift, watch_rules, watch_model_alerts, build_info; the desk's alerts
"""

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
from core.watch.run import cut

MAX_DAYS = 366
PLAIN = ("mcc", "roc_auc", "expected_to_observed")
FEWEST = 30
MOST = 12  # lines of a section


@dataclass(frozen=True)
class Window:
    """The days a report speaks of, both ends included."""

    first: date
    last: date


def report(con: db.Connection, models: Path, days: int, speak: Language, fates: pd.DataFrame | None = None) -> Page:
    """The report over the newest `days` days.

    Parameters
    ----------
    models : folder of the build's models
    fates : desk's alerts (state, outcome, rule), None when the desk cannot be asked

    Raises
    ------
    DataError : no such number of days, or the build has nothing to report on
    """
    if not 1 <= days <= MAX_DAYS:
        raise DataError(f"a report over {days} days cannot be written; ask for 1 to {MAX_DAYS}")
    if not db.has_table(con, "watch_performance"):
        raise DataError("the build has no watch; import a bank's book and run `python -m core build`")
    facts = dict(con.table("build_info").select("key", "value").fetchall())
    window = _window(con, days, facts)
    is_demo = db.is_demo(facts)
    said = {"days": days, "first": speak.day(window.first), "last": speak.day(window.last)}
    sections = (
        _payments(con, models, window, speak),
        _months(con, speak),
        _drifted(con, speak),
        _rules(con, speak),
        _fates(fates, speak),
    )
    return Page(
        language=speak.code,
        kind=speak.words("watch.report.kind"),
        title=speak.words("watch.report.title", **said),
        subtitle=speak.words("watch.report.subtitle", build=facts.get("build_id", "–"), as_of=facts.get("as_of", "–")),
        badges=(speak.words("report.demo_badge"),) if is_demo else (),
        tier=None,
        sections=sections,
        notes=tuple(speak.words(f"watch.report.notes.{code}") for code in ("intervals", "trial", "matured")),
    )


def _window(con: db.Connection, days: int, facts: dict[str, Any]) -> Window:
    found = con.execute("SELECT max(as_of) FROM model_test WHERE model = 'payments'").fetchall()[0][0]
    last = found or date.fromisoformat(facts["as_of"])
    return Window(last - timedelta(days - 1), last)


def _payments(con: db.Connection, models: Path, window: Window, speak: Language) -> Section:
    """The gates of the payment model over exactly these days."""
    asked = (
        "SELECT entity_id, p, label FROM model_test WHERE model = 'payments' AND as_of BETWEEN $first AND $last"
        " ORDER BY entity_id, p"
    )
    rows = con.execute(asked, vars(window)).df()
    title = speak.words("watch.report.payments")
    if rows.empty:
        return Section(title, (speak.words("watch.report.payments_none"),))
    decided = policy()["payments"]
    found = performance.window(rows, cut(models / SUCCESS.name), decided["gates"], decided["gate_pr_auc"])
    failures = int((rows["label"] == 0).sum())
    head = speak.words("watch.report.payments_n", n=f"{len(rows):,}", failures=f"{failures:,}")
    few = [] if failures >= FEWEST else [speak.words("watch.report.payments_few", fewest=FEWEST)]
    return Section(title, (head, *(_line(row, speak) for row in found), *few))


def _line(row: dict[str, Any], speak: Language) -> str:
    metric, form = speak.words(f"metric.{row['metric']}"), _form(str(row["metric"]), speak)
    words = {"metric": metric, "value": form(row["value"]), "low": form(row["low"]), "high": form(row["high"])}
    if row["gate"] is None or pd.isna(row["gate"]):
        return speak.words("watch.report.line", **words)
    least, most = performance.EXPECTED_TO_OBSERVED if row["metric"] == "expected_to_observed" else (row["gate"], None)
    held = row["low"] >= least and (most is None or row["high"] <= most)
    verdict = "missed" if row["missed"] else "held" if held else "open"
    gate = form(least) if most is None else f"{least}–{most}"
    return speak.words(f"watch.report.line_{verdict}", gate=gate, **words)


def _form(metric: str, speak: Language):  # type: ignore[no-untyped-def]
    return (lambda value: f"{value:.3f}") if metric in PLAIN else speak.percent


def _months(con: db.Connection, speak: Language) -> Section:
    """Default and churn at the newest month end whose outcomes are certain, and since when they are not."""
    asked = "FROM watch_performance WHERE unit = 'month' AND state IN ('matured', 'immature') ORDER BY model, to_on"
    rows = con.execute(asked).df()
    lines = []
    for name, own in rows.groupby("model"):
        certain, waiting = own[own["state"] == "matured"], own[own["state"] == "immature"]
        model = speak.code_name("model", str(name))
        for row in certain[certain["to_on"] == certain["to_on"].max()].to_dict("records"):
            if row["metric"] in ("roc_auc", "expected_to_observed"):
                words = {"model": model, "month": speak.month(row["to_on"]), "n": f"{int(row['n']):,}"}
                lines.append(speak.words("watch.report.month_line", line=_line(row, speak), **words))
        if len(waiting):
            first = waiting.iloc[0]
            words = {"model": model, "month": speak.month(first["to_on"]), "known_on": speak.day(first["known_on"])}
            lines.append(speak.words("watch.report.month_waiting", months=len(waiting), **words))
    return Section(speak.words("watch.report.months"), tuple(lines) or (speak.words("watch.report.months_none"),))


def _drifted(con: db.Connection, speak: Language) -> Section:
    rows = con.execute(db.sql("core/watch/sql/report_drift")).df()
    lines = [
        speak.words(
            "watch.report.drift_line",
            severity=speak.words(f"watch.severities.{row.severity}"),
            model=speak.code_name("model", row.model),
            column=speak.code_name("feature", row.subject),
            side=speak.words(f"watch.sides.{row.against}"),
            value=f"{row.value:.3f}",
            customers=_people(row.customers, speak),
        )
        for row in rows.head(MOST).itertuples()
    ]
    return Section(speak.words("watch.report.drift"), tuple(lines) or (speak.words("watch.report.drift_none"),))


def _people(customers: Any, speak: Language) -> str:
    if pd.isna(customers):
        return speak.words("watch.report.uncounted")
    return speak.words("watch.people", count=f"{int(customers):,}")


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
        for row in rows.itertuples()
        if row.judged >= FEWEST
    ]
    few = [speak.words(f"watch.rules.{row.rule}") for row in rows.itertuples() if row.judged < FEWEST]
    told = [speak.words("watch.report.rule_few", rules=", ".join(few), fewest=FEWEST)] if few else []
    return Section(speak.words("watch.report.rules"), (*lines, *told))


def _fates(fates: pd.DataFrame | None, speak: Language) -> Section:
    """What people made of the alerts that were sent."""
    title = speak.words("watch.report.fates")
    if fates is None:
        return Section(title, (speak.words("error.DeskError"),))
    if fates.empty:
        return Section(title, (speak.words("watch.report.fates_none"),))
    states = fates["state"].value_counts()
    lines = [
        speak.words("watch.report.fate_line", what=speak.words(f"watch.report.states.{code}"), n=f"{count:,}")
        for code, count in states.items()
    ]
    outcomes = fates["outcome"].dropna().value_counts()
    lines += [
        speak.words("watch.report.fate_line", what=speak.words(f"watch.outcomes.{code}"), n=f"{count:,}")
        for code, count in outcomes.items()
    ]
    return Section(title, tuple(lines))
