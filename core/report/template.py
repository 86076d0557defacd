"""The deterministic note: which sentences a business gets, chosen by which facts there are.

Each place in a section offers sentences; the first whose facts are all there is taken. The sentences are
`report.<section>.<name>` in the strings and hold tokens, no digits.
"""

from core.report.draft import Draft
from core.report.fact import tokens
from core.report.fact_sheet import FactSheet

Choice = tuple[str, tuple[str, ...]]  # a sentence, and what must hold: #flag, -FACT absent, FACT:up, FACT:down

PLACES: dict[str, tuple[tuple[Choice, ...], ...]] = {
    "situation": (
        (("closed", ("#closed",)), ("state", ())),
        (("score_peer", ("-STATE",)), ("score", ())),
        (("pd_no_exposure", ("#no_exposure",)), ("pd_peer", ()), ("pd", ())),
        (("loss", ()), ("exposure", ())),
        (("late", ()),),
        (("products", ()),),
    ),
    "changed": (
        (
            ("score_up", ("SCORE_MOVE:up",)),
            ("score_down", ("SCORE_MOVE:down",)),
            ("score_same", ("#same_score",)),
            ("score_first", ("#rated",)),
        ),
        (("tier", ()),),
        (("pd_up", ("PD_MOVE:up",)), ("pd_down", ("PD_MOVE:down",))),
        (
            ("revenue_up", ("REVENUE_YOY:up",)),
            ("revenue_down", ("REVENUE_YOY:down",)),
            ("revenue", ()),
        ),
    ),
    "why": (
        *(((f"score_{place}", ()),) for place in (1, 2)),
        *(((f"pd_{place}", ()),) for place in (1, 2, 3)),
        *(((f"churn_{place}", ("#leaving",)),) for place in (1, 2)),
    ),
    "ahead": (
        (("forecast_band", ()), ("forecast", ())),
        (("churn", ()),),
        (("maturity", ("#maturity",)),),
        (("anomaly", ()),),
    ),
    "talk": (
        (("closed", ("#closed",)),),
        (("arrears", ("#arrears",)),),
        (("no_sales", ("#no_sales",)),),
        (("maturity", ("#maturity",)),),
        (("overdraft", ("#overdraft",)),),
        (("weak", ("#weak",)), ("strong", ("#strong",))),
        (("leaving", ("#leaving",)),),
        (("silent", ("#silent",)), ("never", ("#never_contacted",))),
        (("conflict", ("#conflict",)),),
        (("offers", ()),),
        (("offers_unrecorded", ()),),
    ),
}
MOST = 5  # lines of a section that still fit on the page


def draft(sheet: FactSheet) -> Draft:
    """The note on one business, in the language of its sheet."""
    sections = tuple((section, _lines(sheet, section)) for section in PLACES)
    return Draft(sections, notes(sheet, "template"))


def notes(sheet: FactSheet, by: str) -> tuple[str, ...]:
    """The lines that every report must carry: who wrote it, as of when, what it cannot say, if it is a demo."""
    kinds = ["ai_template" if by == "template" else "ai_model", "as_of", "limits"]
    return tuple(sheet.speak.words(f"report.note.{kind}") for kind in [*kinds, *(["demo"] if sheet.is_demo else [])])


def _lines(sheet: FactSheet, section: str) -> tuple[str, ...]:
    lines = [line for choices in PLACES[section] if (line := _first(sheet, section, choices))]
    return tuple(lines[:MOST] or [sheet.speak.words(f"report.{section}.none")])


def _first(sheet: FactSheet, section: str, choices: tuple[Choice, ...]) -> str | None:
    for name, needs in choices:
        line = sheet.speak.words(f"report.{section}.{name}")
        if all(_holds(sheet, need) for need in needs) and all(token in sheet.facts for token in tokens(line)):
            return line
    return None


def _holds(sheet: FactSheet, need: str) -> bool:
    if need.startswith("#"):
        return need[1:] in sheet.flags
    if need.startswith("-"):
        return need[1:] not in sheet.facts
    fact_id, direction = need.split(":")
    return fact_id in sheet.facts and sheet.facts[fact_id].direction == direction
