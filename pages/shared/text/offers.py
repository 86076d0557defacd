"""What a product is called, why it is offered and why it is not, in the chosen language."""

from collections.abc import Iterable

from pages.shared.read import read
from pages.shared.text import day, lang, t
from pages.shared.text.escape import clean, safe

LONGEST = 80  # the catalogue's names are sentences in English


def names() -> dict[str, str]:
    """Code -> name of the catalogue's products, as plain text; a row without a name shows its code."""
    rows = read("shared/product_names")
    found = rows[f"name_{lang()}"].fillna(rows["product_id"])
    return {code: clean(name, LONGEST) for code, name in zip(rows["product_id"], found, strict=True)}


def name(code: object) -> str:
    """Name of a product for Markdown; the code itself where the catalogue does not know it."""
    return safe(names().get(str(code), str(code)), LONGEST)


def reasons(codes: Iterable[str]) -> str:
    """Why a product is offered, in one line."""
    return " · ".join(t(f"offer_reason.{code}") for code in codes)


def rules(codes: Iterable[str]) -> str:
    """The rules that speak against a product, or what they ask to confirm, in one line."""
    return " · ".join(t(f"rule.{code}") for code in codes)


def as_of() -> str:
    """The days of the catalogue's oldest and newest rows."""
    days = read("shared/product_names")["as_of"].dropna()
    return " ~ ".join(dict.fromkeys(day(found) for found in (days.min(), days.max()))) if len(days) else day(None)
