"""The build and its sources: files, missing tables, checks, and the accuracy of the model of default."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.sources.contract import TABLES
from pages.shared.parts import business_table, cards, notices, table_formats
from pages.shared.read import build_json, has_tables, read
from pages.shared.text import lang, number, percent, quarter, t, unknown
from pages.shared.text.names import plain_code_word

# Months that a table may lag behind the as-of and still be called fresh: the city publishes a quarter two months late;
# of loans and contracts (events) a month may bring none.
ALLOWED_MONTHS = {"bank": 0, "seoul": 5}
ALLOWED_EVENTS = 2


def table_name(table: str) -> str:
    """Name of a table of the contract."""
    contract = TABLES.get(table)
    return plain_code_word("table", table) if contract is None else str(contract.ko if lang() == "ko" else contract.en)


def show_sources(sources: pd.DataFrame, as_of: str | None) -> None:
    """A row per file: rows, period, freshness, quarantine."""
    totals = {
        "files": number(len(sources)),
        "rows": number(sources["rows_read"].sum()),
        "quarantined": number(sources["rows_quarantined"].sum()),
    }
    st.caption(t("data.totals", **totals))
    rows = sources.sort_values("source_table", key=lambda names: names.map(place), kind="stable", ignore_index=True)
    st.dataframe(
        _sources_table(rows, as_of),
        hide_index=True,
        height=business_table.height(len(sources), most=30),
        key="sources",
        alt=t("data.sources"),
    )


def place(table: str) -> int:
    """Place of a table in lists: the bank's book in the order of the contract, then the city's files."""
    order = sorted(TABLES, key=lambda name: TABLES[name].kind)
    return order.index(table) if table in order else len(order)


def _sources_table(sources: pd.DataFrame, as_of: str | None) -> object:
    newest = sources.groupby("source_table")["last_period"].max().to_dict()
    table = pd.DataFrame(
        {
            t("data.table"): [table_name(table) for table in sources["source_table"]],
            t("data.loaded"): sources["rows_loaded"],
            t("data.quarantined"): sources["rows_quarantined"],
            t("data.period"): [period(row.first_period, row.last_period) for row in sources.itertuples()],
            t("data.freshness"): [
                # A table of several files is as fresh as its newest one.
                freshness(row.source_table, row.last_period, as_of)
                if row.last_period == newest[row.source_table]
                else ""
                for row in sources.itertuples()
            ],
            t("data.rows"): sources["rows_read"],
            t("data.file"): sources["file"],
            t("data.encoding"): ["" if unknown(value) else str(value) for value in sources["encoding"]],
            t("data.size"): [f"{size / 1e6:,.1f} MB" for size in sources["bytes"]],
        }
    )
    counts = [t(f"data.{key}") for key in ("loaded", "quarantined", "rows")]
    return table_formats.styler(table, dict.fromkeys(counts, lambda value: number(value)))


def period(first: object, last: object) -> str:
    """First to last period of a file."""
    if unknown(first) or unknown(last):
        return t("data.no_period")
    return t("data.period_words", first=_period(str(first)), last=_period(str(last)))


def _period(value: str) -> str:
    if len(value) == 5 and value.isdigit():
        return quarter(int(value))
    return value[:7] if value.endswith("-01") else value[:10]


def freshness(table: str, last: object, as_of: str | None) -> str:
    """Whether the table is fresh, or how many months its newest period lies behind the as-of."""
    if unknown(last) or as_of is None:
        return "–"
    behind = months_behind(str(last), as_of)
    return t("data.fresh") if behind <= _allowed(table) else t("data.months_behind", months=number(behind))


def _allowed(table: str) -> int:
    contract = TABLES.get(table)
    is_periodic = contract and {"month", "quarter"} & {column.name for column in contract.columns}
    return ALLOWED_MONTHS[contract.kind] if contract and is_periodic else ALLOWED_EVENTS


def months_behind(last: str, as_of: str) -> int:
    """Whole months from the last month of a period to the month of the as-of.

    >>> months_behind("20243", "2024-12-31"), months_behind("2024-12", "2024-12-31")
    (3, 0)
    """
    if len(last) == 5 and last.isdigit():
        year, part = divmod(int(last), 10)
        end = year * 12 + 3 * part
    else:
        end = int(last[:4]) * 12 + int(last[5:7])
    return int(as_of[:4]) * 12 + int(as_of[5:7]) - end


def show_absent(absent: pd.DataFrame) -> None:
    """Missing tables, and what the pages lack without them."""
    if absent.empty:
        st.success(t("data.absent_none"), icon=":material/check_circle:")
        return
    st.caption(t("data.absent_lead"))
    for table in sorted(absent["source_table"], key=place):
        st.markdown(f"- **{table_name(table)}** `{table}`: {t(f'data.needs.{table}')}")


def show_checks(checks: pd.DataFrame) -> None:
    """The checks of the build's own figures, after the number of failures."""
    failed = int((~checks["ok"].astype(bool)).sum())
    if checks.empty:
        st.caption(t("data.checks_none"))
        return
    if failed:
        st.error(t("data.checks_failed", count=number(failed)), icon=":material/error:")
    else:
        st.success(t("data.checks_ok", count=number(len(checks))), icon=":material/check_circle:")
    table = pd.DataFrame(
        {
            t("data.check"): [t(f"data.checked.{name}") for name in checks["check_name"]],
            t("data.check_ok"): [t("data.passed" if ok else "data.failed") for ok in checks["ok"]],
            t("data.check_value"): [f"{value:.2g}" for value in checks["value"]],
            t("data.check_expected"): checks["expected"],
        }
    )
    st.dataframe(table, hide_index=True, key="checks")


def show_models(metrics: pd.DataFrame) -> None:
    """Four figures of the model of default on rows that it has not learned from."""
    report = build_json("models", "default", "model_report.json")
    figures = metrics[metrics["model"] == "default"].set_index("metric")
    if figures.empty or "roc_auc" not in figures.index:
        st.info(t("data.models_refused" if report.get("state") == "refused" else "data.models_none"))
        return
    st.caption(_test_set(figures, report))
    with cards.row(4):
        _figure(figures, "roc_auc", "auc", 3)
        _figure(figures, "calibration_slope", "slope", 2)
        _figure(figures, "expected_to_observed", "ratio", 2)
        _show_stability(report)
    st.caption(t("data.source_note"))


def _test_set(figures: pd.DataFrame, report: dict) -> str:
    size = {"n": number(figures.loc["roc_auc", "n"]), "positives": number(figures.loc["roc_auc", "positives"])}
    test = (report.get("trial") or {}).get("test")
    if not test:
        return t("data.models_lead_short", **size)
    return t("data.models_lead", from_=test["from"], to=test["to"], **size)


def _figure(figures: pd.DataFrame, metric: str, key: str, digits: int) -> None:
    if metric not in figures.index:
        return
    row = figures.loc[metric]
    ends = {end: number(row[end], digits) for end in ("low", "high")}
    note = None if unknown(row["low"]) else t("data.interval", **ends)
    _card(key, number(row["value"], digits), note)


def _card(key: str, value: str, note: str | None) -> None:
    cards.show(t(f"data.{key}"), value, note, t(f"data.{key}_help"))


def _show_stability(report: dict) -> None:
    changed = (report.get("candidates") or {}).get("average", {}).get("band_changes_on_reseed")
    if changed is not None:
        _card("stability", percent(1 - changed), None)


def show_build(info: Mapping[str, str]) -> None:
    """Name, time and duration of the build."""
    built = str(info.get("built_at", ""))[:16].replace("T", " ")
    seconds = number(float(info["seconds"])) if info.get("seconds") else "–"
    st.caption(t("data.build", build=info.get("build_id", "–"), built=built, seconds=seconds))
    if not info.get("as_of"):
        notices.info("data.as_of_none")


def metrics() -> pd.DataFrame:
    """Figures of the models; none in a build of the city's files alone."""
    return read("data/metrics") if has_tables("model_metrics") else pd.DataFrame(columns=["model", "metric"])


def checks() -> pd.DataFrame:
    """Checks of the build; none in a build of the city's files alone."""
    return read("data/checks") if has_tables("checks") else pd.DataFrame(columns=["check_name", "ok"])
