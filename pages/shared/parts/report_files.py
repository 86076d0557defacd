"""Download buttons of the reports: a note on the business page, the week's brief on Today. Written when clicked."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.report import files, llm
from pages.shared.read import cursor
from pages.shared.text import day, lang, t
from pages.shared.text.report import ReportLanguage

FORMS: tuple[files.FileFormat, ...] = ("pdf", "html")
MIME = {"pdf": "application/pdf", "html": "text/html"}


def note(card: pd.Series) -> None:
    """Buttons for the one-page note on the business of this card, which a query of the own books has found."""
    language, business_id, manager_id = ReportLanguage(lang()), str(card["business_id"]), str(card["manager_id"])

    def write(form: files.FileFormat) -> bytes:
        return files.note(cursor(), business_id, manager_id, language, form, llm.Endpoint.from_env())

    _buttons("note", t("report.note_file", business_id=business_id, as_of=day(card["as_of"])), write)


def brief(managers: list[str], as_of: object) -> None:
    """Buttons for the week's brief; a brief is one manager's, so a whole branch has none."""
    if len(managers) != 1:
        return
    language, manager_id = ReportLanguage(lang()), managers[0]

    def write(form: files.FileFormat) -> bytes:
        return files.brief(cursor(), manager_id, language, form)

    _buttons("brief", t("report.brief_file", manager_id=manager_id, as_of=day(as_of)), write)


def _buttons(kind: str, name: str, write: Callable[[files.FileFormat], bytes]) -> None:
    with st.container(horizontal=True):
        for form in FORMS:
            st.download_button(
                t(f"report.download_{kind}" + ("" if form == "pdf" else f"_{form}")),
                # Streamlit calls it on the click, outside the session: everything it needs was taken before.
                data=lambda form=form: write(form),  # type: ignore[misc]
                file_name=f"{name}.{form}",
                mime=MIME[form],
                key=f"report_{kind}_{form}",
                icon=":material/description:",
                help=t("report.download_help"),
                on_click="ignore",
            )
