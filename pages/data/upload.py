"""New files: templates, the check of an uploaded file before its import, and a build with its progress.

An uploaded file is in a temporary folder for one run of the page and is deleted after it.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.config import Settings
from core.sources import importer, templates
from core.sources.contract import TABLES
from core.sources.importer import Report
from pages.data.quarantine import fault
from pages.data.sources import table_name
from pages.shared.text import escape, lang, number, t

KINDS = ("csv", "xlsx", "parquet")
UPLOAD = "upload_file"
IMPORT = "bring_in"
REPORT = "upload_report"  # (name, report) of the upload, kept between runs of the page
SHOWN_PROBLEMS = 20
# A problem in the report of core.sources.importer: its number of lines, what was done, and the first line.
WHERE = re.compile(
    r"^(?P<rows>[\d,]+) x (?P<action>left out|value made unknown|note): .*"
    r"\(first: line (?P<line>[\d,]+)(?:, (?P<seen>.*))?\)$",
    re.DOTALL,
)
DEMO_IS_REPLACED = "(demo and real data are never mixed)"
ACTIONS = {"left out": "row", "value made unknown": "value", "note": "note"}
# In the order of core.build; the last name in the build's progress display is the step it has reached.
STEPS = (
    "load",
    "market",
    "city",
    "score",
    "forecast",
    "default",
    "churn",
    "payments",
    "payment_risk",
    "anomaly",
    "segments",
    "advice",
    "registry",
    "marts",
    "watch",
    "checks",
)
# Notes of a step that replace its name in the progress display at once.
NOTES = {"default": ("trial", "served model")}
# Share of the build's time before the end of each step, measured on the demo bank.
DONE = (0.02, 0.09, 0.11, 0.17, 0.22, 0.44, 0.68, 0.82, 0.87, 0.90, 0.92, 0.94, 0.945, 0.95, 0.955, 0.995)
POLL_SECONDS = 0.5


def show_templates() -> None:
    """An empty file of one table of the bank's book."""
    st.caption(t("data.templates_lead"))
    names = [name for name, table in TABLES.items() if table.kind == "bank"]
    table = st.selectbox(t("data.table"), names, format_func=table_name, key="template_table")
    with st.container(horizontal=True):
        for kind in ("csv", "xlsx"):
            st.download_button(
                t("data.template", table=table_name(table), kind=kind.upper()),
                data=templates.template(table, kind),
                file_name=f"{table}.{kind}",
                key=f"template_{table}_{kind}",
                icon=":material/download:",
                on_click="ignore",
            )


def show_upload() -> None:
    """A choice of a file, the report on it, and a button that imports it."""
    st.caption(t("data.bring_lead", limit=number(st.get_option("server.maxUploadSize"))))
    upload = st.file_uploader(t("data.upload"), type=list(KINDS), key=UPLOAD)
    if upload is None:
        st.session_state.pop(REPORT, None)
        return
    is_import = bool(st.session_state.get(IMPORT))
    report = _report(upload, importer.import_files if is_import else importer.check_files)
    if is_import and any(file.accepted for file in report.files):
        st.success(t("data.brought", file=escape.safe(upload.name)), icon=":material/check_circle:")
    else:
        _show_report(report)


def _report(upload: UploadedFile, action: Callable[[Path, Path], Report]) -> Report:
    """The report of a check or an import, which runs once per upload and not on every run of the page."""
    name = f"{upload.file_id} {action.__name__}"
    name_before, report = st.session_state.get(REPORT, ("", None))
    if name == name_before:
        return report
    with st.spinner(t("data.checking")), _on_disk(upload.name, upload.getbuffer()) as path:
        report = action(path, Settings.from_env().raw)
    st.session_state[REPORT] = (name, report)
    return report


@contextmanager
def _on_disk(name: str, content: memoryview) -> Iterator[Path]:
    """A temporary file of the uploaded bytes under a safe name."""
    with tempfile.TemporaryDirectory(prefix="beacon-upload-") as folder:
        path = Path(folder) / safe_name(name)
        path.write_bytes(content)
        yield path


def safe_name(name: str) -> str:
    """A file name without folders and special characters, with its ending.

    >>> safe_name("../../etc/매출 2024.CSV")
    '매출_2024.csv'
    """
    path = Path(name.replace("\\", "/"))
    stem = re.sub(r"[^\w-]+", "_", path.stem).strip("_")[:60] or "upload"
    return stem + re.sub(r"[^.\w]", "", path.suffix).lower()


def _show_report(report: Report) -> None:
    st.markdown(f"**{t('data.check_report')}**")
    is_usable = any(file.accepted for file in report.files)
    if not is_usable:
        st.error(t("data.not_usable"), icon=":material/error:")
    table = pd.DataFrame(
        {
            t("data.file"): [file.file for file in report.files],
            t("data.table"): ["–" if file.table is None else table_name(file.table) for file in report.files],
            t("data.rows"): [file.rows for file in report.files],
            t("data.quarantined"): [file.quarantined for file in report.files],
            t("data.check_ok"): [t("data.accepted" if f.accepted else "data.refused") for f in report.files],
        }
    )
    st.dataframe(table, hide_index=True, key="report")
    problems = [problem_words(problem, file.codes.get(problem)) for file in report.files for problem in file.problems]
    if problems:
        st.markdown(f"**{t('data.problems')}**")
        st.text("\n".join(problems[:SHOWN_PROBLEMS]))
    if is_usable:
        st.button(t("data.bring_in"), key=IMPORT, type="primary", icon=":material/upload:")


def problem_words(problem: str, code: str | None) -> str:
    """A line of the loader's report in the reader's language; as it is where it has no code."""
    if problem.endswith(DEMO_IS_REPLACED):
        return t("data.demo_gives_way")
    if lang() == "en" or code is None:
        return problem
    match = WHERE.search(problem)
    words = fault(code) if match is None else t("data.problem", fault=fault(code), **_where(match))
    return f"{words} [{code}]"


def _where(match: re.Match[str]) -> dict[str, str]:
    place = t("data.problem_where", line=match["line"]) + (f", {match['seen']}" if match["seen"] else "")
    return {"rows": match["rows"], "action": t(f"quarantine.action.{ACTIONS[match['action']]}"), "where": place}


def show_build() -> None:
    """A button that builds; the pages show the build before until the new one is finished."""
    st.caption(t("data.build_note"))
    if st.button(t("data.build_now"), key="build_now", icon=":material/play_arrow:"):
        run_build()
    st.caption(t("data.command_line", command="`python -m core build`"))


def run_build() -> None:
    """Run `python -m core build` in a process of its own and show its progress until it ends."""
    started = time.monotonic()
    bar = st.progress(0.0, text=t("data.building", step=t("data.step.start"), seconds="0"))
    with tempfile.TemporaryDirectory(prefix="beacon-build-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "core", "build"], stdout=file, stderr=file, env=_environment(), cwd=_root()
            )
        while process.poll() is None:
            share, step = progress(log.read_text(encoding="utf-8", errors="replace"))
            seconds = number(time.monotonic() - started)
            bar.progress(share, text=t("data.building", step=t(f"data.step.{step}"), seconds=seconds))
            time.sleep(POLL_SECONDS)
        _show_end(bar, process.returncode, log.read_text(encoding="utf-8", errors="replace"), started)


def _show_end(bar: object, code: int, log: str, started: float) -> None:
    bar.empty()  # type: ignore[attr-defined]
    if code == 0:
        st.success(t("data.built", seconds=number(time.monotonic() - started)), icon=":material/check_circle:")
        return
    st.error(t("data.build_failed"), icon=":material/error:")
    st.text("\n".join(plain(log).splitlines()[-3:]))


def progress(log: str) -> tuple[float, str]:
    """Share of the build that is done and its present step, from what its progress display has written.

    >>> progress("⠋ build: load ━━━ \\r⠋ build: market ━━━")
    (0.09, 'market')
    """
    words = plain(log)
    reached = [step for step in STEPS if any(f"build: {note} " in words for note in (step, *NOTES.get(step, ())))]
    return (DONE[STEPS.index(reached[-1])], reached[-1]) if reached else (0.0, "start")


def plain(output: str) -> str:
    """Terminal output without its escape codes."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)


def _environment() -> dict[str, str]:
    # Rich draws its progress only on a terminal; with these it also writes it to a file.
    return os.environ | {"TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1", "COLUMNS": "100", "NO_COLOR": "1"}


def _root() -> Path:
    return Path(__file__).parents[2]
