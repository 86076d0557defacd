"""A manager's week on paper: the book in figures, and whom to see first with what changed and what to say.

Reads  worklist, business_scores and what a note reads; the manager's own book only
"""

from typing import Any

from core import db
from core.errors import DataError
from core.report import fact_sheet
from core.report.fact import rendered, token
from core.report.fact_sheet import FactSheet
from core.report.language import Language
from core.report.note import Page, Section, verified_draft

ROWS = 10  # of the work list, as on Today
# Of each business: how many lines of which section of its note.
PARTS = (("changed", 3), ("why", 2), ("talk", 3))
COUNTS = {
    "BUSINESSES": "businesses",
    "WEAK": "weak",
    "MOVED_UP": "moved_up",
    "MOVED_DOWN": "moved_down",
    "PAST_DUE": "past_due_30",
    "LEAVING": "leaving",
    "MATURING": "maturing",
}
AMOUNTS = {"BOOK_EXPOSURE": "exposure_krw", "BOOK_LOSS": "expected_loss_krw"}


def brief(con: db.Connection, manager_id: str, speak: Language) -> Page:
    """The week of one manager.

    Raises
    ------
    DataError : nobody's book has this id
    """
    if not db.has_table(con, "worklist"):
        raise DataError("the build has no bank's book; import one and run `python -m core build`")
    book = fact_sheet.known(db.served_query(con, "core/report/sql/book", {"manager_id": manager_id}).iloc[0])
    if "as_of" not in book:
        raise DataError(f"{manager_id} has no book; `python -m core status` shows what is served")
    rows = db.served_query(con, "core/report/sql/week", {"manager_id": manager_id, "rows": ROWS})
    sheets = [(row, fact_sheet.fact_sheet(con, str(row.business_id), manager_id, speak)) for row in rows.itertuples()]
    sections = [_section(number, row, sheet) for number, (row, sheet) in enumerate(sheets, 1)]
    is_demo = fact_sheet.is_demo(con)
    day = speak.day(book["as_of"])
    who = speak.words(
        "report.brief_subtitle",
        manager=speak.name(book.get("manager_name", manager_id)),
        branch=speak.name(book.get("branch", "")),
    )
    notes = ["ai_template", "as_of", "limits", *(["demo"] if is_demo else [])]
    return Page(
        language=speak.code,
        kind=speak.words("report.brief_title"),
        title=who,
        subtitle=f"{manager_id} · {speak.words('report.fact.AS_OF')} {day}",
        badges=(speak.words("report.demo_badge"),) if is_demo else (),
        tier=None,
        sections=(_book(book, speak), *(sections or [_nobody(speak)])),
        notes=tuple(speak.words(f"report.note.{code}").replace(token("AS_OF"), day) for code in notes),
    )


def _book(book: dict[str, Any], speak: Language) -> Section:
    counted = [
        f"{speak.words(f'report.fact.{code}')}: {book[column]:,}" for code, column in COUNTS.items() if column in book
    ]
    amounts = [
        f"{speak.words(f'report.fact.{code}')}: {speak.money(book[column])}"
        for code, column in AMOUNTS.items()
        if column in book
    ]
    return Section(speak.words("report.book"), tuple(counted + amounts))


def _nobody(speak: Language) -> Section:
    return Section(speak.words("report.week"), (speak.words("report.week_none"),))


def _section(number: int, row: Any, sheet: FactSheet) -> Section:
    """One business: why it is on the list, then the first lines of its verified note."""
    speak, table = sheet.speak, sheet.facts
    draft = dict(verified_draft(sheet).sections)
    lines = [rendered(line, table) for part, most in PARTS for line in draft[part][:most]]
    tier = f" · {table['TIER'].display} {table['SCORE'].display}" if "TIER" in table else ""
    name = speak.words("report.place", place=number, name=table["BIZ_NAME"].display)
    return Section(f"{name} ({speak.name(row.business_id)}){tier}", (speak.words(f"today.rule.{row.rule}"), *lines))
