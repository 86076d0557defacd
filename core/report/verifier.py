"""Is this draft true to its facts? Reads the prose before and the text after the figures are put in.

First pass, over prose and tokens: no figure in any script or in words, no unknown token, no movement that the
fact does not show, no foreign product or tier, no decision. Second pass, over the text as it will be read: every
number, with its unit, is one that a cited fact displays. Any fault rejects the whole draft; the template stands in.

Reads  data/reference/report_words.toml
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from core.report.draft import SECTIONS, Draft
from core.report.fact import NAME, TOKEN, Facts, rendered, tokens
from core.report.fact_sheet import FactSheet
from core.report.language import LanguageCode
from core.report.text_numbers import numbers, table

LONGEST_LINE = 260  # characters of prose: what still reads as one point of a one-page note
LONGEST = 2_400  # of the whole text, figures put in: what one page holds
MOST_LINES = 6  # of a section
DIRECTIONS = ("up", "down", "better", "worse")
TIERS = (1, 2, 3, 4, 5)
HANGUL = range(0xAC00, 0xD7A4)
HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
MOST_LATIN = 0x24F  # the last letter of Latin Extended-B
BLANK = "\u25a1"  # stands for a token where only the words around it are read


@dataclass(frozen=True)
class Fault:
    """Why a draft is refused: a stable code, and where."""

    code: str
    where: str


def faults(draft: Draft, sheet: FactSheet, notes: tuple[str, ...]) -> list[Fault]:
    """Everything wrong with a draft; none means that it may be read. `notes` are the lines it must carry."""
    faults = [Fault("note_missing", note) for note in notes if note not in draft.notes]
    faults += [Fault("sections", code) for code, _ in draft.sections if code not in SECTIONS]
    faults += [Fault("sections", code) for code in SECTIONS if code not in dict(draft.sections)]
    for _, lines in draft.sections:
        if len(lines) > MOST_LINES or not lines:
            faults.append(Fault("length", f"{len(lines)} lines"))
        faults += [fault for line in lines for fault in line_faults(line, sheet)]
    if not faults:
        faults = list(_second_pass([*draft.lines, *draft.notes], sheet.facts))
    return faults


def line_faults(line: str, sheet: FactSheet) -> list[Fault]:
    """Everything wrong with one line of prose and tokens, and with its text once the figures are in."""
    words, facts = vocabulary(sheet.speak.code), sheet.facts
    if len(line) > LONGEST_LINE or not line.strip():
        return [Fault("length", line[:60])]
    unknown = [Fault("unknown_token", token) for token in tokens(line) if token not in facts]
    if unknown:
        return unknown
    return [fault for check in CHECKS for fault in check(line, sheet, words)] or list(_second_pass([line], facts))


def _signs(line: str, _sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """Digits of any script, leftover braces, hidden characters, tags, links, quotes."""
    prose = TOKEN.sub(" ", line)
    for char in prose:
        kind = unicodedata.category(char)
        if kind.startswith("N") or unicodedata.numeric(char, None) is not None:
            yield Fault("digit", char)
        elif kind in HIDDEN or char in "{}" or (kind.startswith("S") and char != "→"):
            yield Fault("foreign", repr(char))
    yield from _hits("foreign", prose, words.foreign)


def _quantities(line: str, sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """Numbers in words, and what would change the figure beside it."""
    yield from _hits("numeral", _prose(line), words.numerals)
    for match in TOKEN.finditer(line):
        if sheet.facts[match[1]].value is None:
            continue
        yield from _hits("altered", line[: match.start()][-30:], words.before)
        yield from _hits("altered", line[match.end() :][:30], words.after)


def _movements(line: str, sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """A word of movement must be what every figure of its clause shows, and cannot stand alone."""
    for clause in _clauses(line):
        claims = {claim for claim in DIRECTIONS if any(rule.search(_prose(clause)) for rule in words.claims[claim])}
        if not claims:
            continue
        cited = [sheet.facts[token] for token in tokens(clause)]
        figures = [fact for fact in cited if fact.value is not None]
        if not figures or any(rule.search(_prose(clause)) for rule in words.negation):
            yield Fault("unfounded_movement", clause)
        elif any(not claims <= fact.claims for fact in figures):
            yield Fault("contradiction", clause)


def _names(line: str, sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """Tiers and products by name, which only facts may name."""
    prose = _prose(line)
    own = {fact.display for fact in sheet.facts.values() if fact.subject == "tier"}
    for tier in TIERS:
        name = sheet.speak.words(f"tier.{tier}")
        if name not in own and re.search(rf"(?<![\w]){re.escape(name)}", prose, re.IGNORECASE):
            yield Fault("tier_name", name)
    held = " ".join(fact.display for fact in sheet.facts.values() if fact.unit == "names")
    for rule in words.product:
        for match in rule.finditer(prose):
            if match[0] not in held and match[0] not in words.product_free:
                yield Fault("product_name", match[0])
    for rule in words.product_noun:
        for match in rule.finditer(prose):
            if not any(free.fullmatch(match["before"]) for free in words.product_before):
                yield Fault("product_name", match[0])
    yield from _latin(prose, sheet.speak.code, words)


def _latin(prose: str, language: LanguageCode, words: "Vocabulary") -> Iterator[Fault]:
    """A Latin word in Korean, or a capitalised one inside an English sentence, names something; no other script."""
    if language == "en" and any(ord(char) > MOST_LATIN and char.isalpha() for char in prose):
        yield Fault("language", prose[:60])
    if language == "ko" and any(
        ord(char) > MOST_LATIN and char.isalpha() and ord(char) not in HANGUL for char in prose
    ):
        yield Fault("language", prose[:60])
    if language == "ko" and not _is_korean(prose) and prose.strip(f"{BLANK} .,:→"):
        yield Fault("language", prose[:60])
    for match in re.finditer(r"[A-Za-zＡ-Ｚａ-ｚ][\w-]*", prose):
        if match[0] in words.latin_free:
            continue
        opens = not prose[: match.start()].strip() or prose[: match.start()].rstrip().endswith((".", "?", "!", ":"))
        if language == "ko" or (match[0] != match[0].lower() and not opens):
            yield Fault("product_name", match[0])


def _decisions(line: str, _sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """Words of a decision or a promise, also with blanks inside."""
    yield from _hits("decision", _prose(line), words.decision)
    if _is_korean(line):
        yield from _hits("decision", re.sub(r"[\W_]", "", _prose(line)), words.decision)


def _subjects(line: str, sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """A figure said of something else: the nearest subject before a token must be the fact's own."""
    for clause in _clauses(line):
        start = 0
        for match in TOKEN.finditer(clause):
            fact = sheet.facts[match[1]]
            if fact.subject:
                named = _nearest(TOKEN.sub(BLANK, clause[start : match.start()]), words.subjects)
                if named and fact.subject not in named:
                    yield Fault("wrong_subject", f"{match[0]} as {named}")
            start = match.end()


def _bases(line: str, sheet: FactSheet, words: "Vocabulary") -> Iterator[Fault]:
    """A peer's figure, last month's or a forecast that is not called so; an own figure of now that is."""
    for clause in _clauses(line):
        named = {basis for basis, rule in words.bases.items() if rule.search(_prose(clause))}
        for fact in (sheet.facts[token] for token in tokens(clause)):
            if fact.value is None or fact.direction is not None:
                continue
            if (fact.basis and fact.basis not in named) or (not fact.basis and named - _arrow(clause)):
                yield Fault("wrong_basis", f"{fact.id} in {clause}")


def _arrow(clause: str) -> set[str]:
    """From last month's to now's: both may stand in one clause."""
    return {"before"} if "→" in clause else set()


def _nearest(text: str, subjects: Mapping[str, re.Pattern[str]]) -> set[str]:
    """The subjects named last in a text."""
    ends = {code: max((match.end() for match in rule.finditer(text)), default=-1) for code, rule in subjects.items()}
    last = max(ends.values(), default=-1)
    return {code for code, end in ends.items() if end == last and last >= 0}


CHECKS = (_signs, _quantities, _movements, _names, _decisions, _subjects, _bases)


def _second_pass(lines: list[str], facts: Facts) -> Iterator[Fault]:
    """Every number of the text as read, with its unit, is one that a cited fact displays, and none is left over."""
    # The name is written by strangers and put in last: its digits are no figures.
    shown = {**facts, NAME: replace(facts[NAME], display=BLANK)} if NAME in facts else facts
    total = 0
    for line in lines:
        text = rendered(line, shown)
        total += len(text)
        cited = Counter(number for token in tokens(line) for number in numbers(shown[token].display))
        for number in (Counter(numbers(text)) - cited).elements():
            yield Fault("number", number)
    if total > LONGEST:
        yield Fault("length", f"{total} characters")


def _prose(line: str) -> str:
    return unicodedata.normalize("NFKC", TOKEN.sub(BLANK, line))


def _clauses(line: str) -> list[str]:
    """A line cut where a new statement begins; tokens stay whole.

    >>> _clauses("{{f:A}} up, {{f:B}} down.")
    ['{{f:A}} up', ' {{f:B}} down']
    """
    tokens_left = iter(TOKEN.findall(line))
    parts = re.split(table()["both"]["clause"], TOKEN.sub(BLANK, line))
    return [re.sub(BLANK, lambda _: "{{f:" + next(tokens_left) + "}}", part) for part in parts if part and part.strip()]


def _is_korean(text: str) -> bool:
    return any(ord(char) in HANGUL for char in text)


def _hits(code: str, text: str, rules: tuple[re.Pattern[str], ...]) -> Iterator[Fault]:
    for rule in rules:
        for match in rule.finditer(text):
            yield Fault(code, match[0])


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language that the verifier looks for."""

    foreign: tuple[re.Pattern[str], ...]
    before: tuple[re.Pattern[str], ...]
    after: tuple[re.Pattern[str], ...]
    numerals: tuple[re.Pattern[str], ...]
    claims: Mapping[str, tuple[re.Pattern[str], ...]]
    negation: tuple[re.Pattern[str], ...]
    decision: tuple[re.Pattern[str], ...]
    product: tuple[re.Pattern[str], ...]
    product_free: tuple[str, ...]
    product_noun: tuple[re.Pattern[str], ...]
    product_before: tuple[re.Pattern[str], ...]
    latin_free: tuple[str, ...]
    subjects: Mapping[str, re.Pattern[str]]
    bases: Mapping[str, re.Pattern[str]]


@cache
def vocabulary(language: LanguageCode) -> Vocabulary:
    """The words to look for in a language; decisions, numbers and movements of both, as either may slip in."""
    words = table()
    both, own = words["both"], words[language]
    return Vocabulary(
        foreign=_rules(both["foreign"]),
        before=_rules(both["before"]),
        after=_rules(both["after"]),
        numerals=_rules(words["ko"]["numerals"] + words["en"]["numerals"]),
        claims={claim: _rules(words["ko"][claim] + words["en"][claim]) for claim in DIRECTIONS},
        negation=_rules(own["negation"]),
        decision=_rules(words["ko"]["decision"] + words["en"]["decision"]),
        product=_rules(own["product"]),
        product_free=tuple(own["product_free"]),
        product_noun=_rules(own["product_noun"]),
        product_before=_rules(own["product_before"]),
        latin_free=tuple(own["latin_free"]),
        subjects={code: re.compile(rule, re.IGNORECASE) for code, rule in own["subject"].items()},
        bases={code: re.compile(rule, re.IGNORECASE) for code, rule in own["basis"].items()},
    )


def _rules(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
