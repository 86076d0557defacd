"""The performance report of the models over some days: on the page, and as PDF and HTML files."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from core.config import policy
from core.desk import alerts as desk_alerts
from core.desk.alerts import MODELS
from core.errors import DeskError
from core.report.note import Page
from core.watch import report
from pages.shared.desk import session
from pages.shared.read import build_id, builds_folder, cursor
from pages.shared.text import lang, t
from pages.shared.text.escape import paragraph
from pages.shared.text.report import ReportLanguage

FORMS = {"pdf": "application/pdf", "html": "text/html"}


def show() -> None:
    """The number of days, then the report; the files hold the same report."""
    days = st.number_input(
        t("watch.report.days"),
        min_value=1,
        max_value=report.MAX_DAYS,
        value=policy()["watch"]["report_days"],
        key="report_days",
        width=200,
    )
    page = _page(int(days))
    _buttons(page, int(days))
    st.markdown(f"#### {paragraph(page.title)}")
    st.caption(paragraph(page.subtitle))
    for section in page.sections:
        st.markdown(f"**{paragraph(section.title)}**")
        st.markdown("\n".join(f"- {paragraph(line)}" for line in section.lines))
    for note in page.notes:
        st.caption(paragraph(note))


def _page(days: int) -> Page:
    models = Path(builds_folder()) / build_id() / "models"
    return report.report(cursor(), models, days, ReportLanguage(lang()), _outcomes())


def _outcomes() -> pd.DataFrame | None:
    """Desk records of the alerts on the chosen books and on the models; None when the desk is out of reach."""
    try:
        own = session.scope()
        books = replace(own, manager_ids=(*own.manager_ids, MODELS))
        return desk_alerts.all_alerts(session.desk(), books)
    except DeskError:
        return None


def _buttons(page: Page, days: int) -> None:
    with st.container(horizontal=True):
        for form, mime in FORMS.items():
            st.download_button(
                t(f"watch.report.download_{form}"),
                data=lambda form=form: _bytes(page, form),  # type: ignore[misc]
                file_name=f"{t('watch.report.file', days=days)}.{form}",
                mime=mime,
                key=f"watch_report_{form}",
                icon=":material/description:",
                on_click="ignore",
            )


def _bytes(page: Page, form: str) -> bytes:
    if form == "pdf":
        # Imported here because the import of fpdf takes half a second.
        from core.report.pdf import pdf

        return pdf(page, one_page=False)
    from core.report.html import html

    return html(page).encode()
