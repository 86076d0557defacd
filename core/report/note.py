"""The note on one business, verified and rendered, ready to be set as HTML, PDF or text."""

import logging
from dataclasses import dataclass, replace

from core import db
from core.report import llm, template, verifier
from core.report.draft import Draft
from core.report.fact import NAME, rendered
from core.report.fact_sheet import FactSheet, fact_sheet
from core.report.language import Language

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Section:
    """A heading and its points, as read."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """What a reader sees: every text plain, to be escaped by whoever sets it.

    badges : the tier, and that the data are invented; tier : 1 to 5 for the colour, None when not rated
    """

    language: str
    kind: str
    title: str
    subtitle: str
    badges: tuple[str, ...]
    tier: int | None
    sections: tuple[Section, ...]
    notes: tuple[str, ...]


def note(
    con: db.Connection, business_id: str, manager_id: str, speak: Language, endpoint: llm.Endpoint | None = None
) -> Page:
    """The one-page note on a business of this manager's book.

    Raises
    ------
    DataError : the business is not in the manager's book
    """
    facts = fact_sheet(con, business_id, manager_id, speak)
    return page(facts, verified_draft(facts, endpoint), business_id)


def verified_draft(facts: FactSheet, endpoint: llm.Endpoint | None = None) -> Draft:
    """The draft that passed the verifier: the model's where one is set and it passes, else the template's."""
    made = template.draft(facts) if endpoint is None else llm.draft(facts, endpoint)
    wrong = verifier.faults(made, facts, template.notes(facts, made.by))
    return _without(made, facts, wrong) if wrong else made


def _without(made: Draft, facts: FactSheet, wrong: list[verifier.Fault]) -> Draft:
    """A template without the lines that fail: a bank's own words may, and no line is better than a doubtful one."""
    LOG.error("report: the template fails its verifier: %s", sorted({fault.code for fault in wrong}))
    sections = tuple(
        (code, tuple(line for line in lines if not verifier.line_faults(line, facts))) for code, lines in made.sections
    )
    return replace(made, sections=sections)


def page(facts: FactSheet, made: Draft, business_id: str) -> Page:
    """The draft with its figures in, and the name at last."""
    table, speak = facts.facts, facts.speak
    facts_of_head = [table[fact_id].display for fact_id in ("DISTRICT", "INDUSTRY") if fact_id in table]
    badges = [f"{table['TIER'].display} {table['SCORE'].display}"] if "TIER" in table else []
    badges += [speak.words("report.demo_badge")] if facts.is_demo else []
    return Page(
        language=speak.code,
        kind=speak.words("report.title"),
        title=table[NAME].display,
        subtitle=" · ".join(
            [speak.name(business_id), *facts_of_head, f"{table['AS_OF'].label} {table['AS_OF'].display}"]
        ),
        badges=tuple(badges),
        tier=int(table["TIER"].value or 0) if "TIER" in table else None,
        sections=tuple(
            Section(speak.words(f"report.section.{code}"), tuple(rendered(line, table) for line in lines))
            for code, lines in made.sections
        ),
        notes=tuple(rendered(line, table) for line in made.notes),
    )


def text(shown: Page) -> str:
    """The page as plain text."""
    lines = [f"{shown.kind}: {shown.title}", shown.subtitle, " | ".join(shown.badges), ""]
    for section in shown.sections:
        lines += [section.title, *(f"- {line}" for line in section.lines), ""]
    return "\n".join([*lines, *shown.notes, ""])
