"""The selection as parameters of the URL, and back: ids and codes only, defaults left out, wrong forms dropped."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote, unquote

from pages.shared.selection import CHURN_LEVELS, DEFAULT_VISITS, MAX_COMPARED, MAX_LENGTH, Selection, default_scope
from pages.shared.text import TIERS

# Field of the selection -> its name in the URL.
PARAMS = {
    "scope": "rm",
    "district": "district",
    "category": "category",
    "tiers": "tier",
    "text": "q",
    "state": "state",
    "sort": "sort",
    "page": "page",
    "business_id": "id",
    "measure": "map",
    "churn": "churn",
    "anomaly": "anomaly",
    "basket": "compare",
    "areas": "areas",
    "visits": "visits",
    "segment": "segment",
    "product": "product",
    "payment": "payment",
}
ID_LISTS = ("basket", "areas")
ID_SEPARATOR = "~"  # an id may hold a "-"


def selection_from(query: Mapping[str, str]) -> Selection:
    """A selection from URL parameters; what has the wrong form is dropped."""
    single = {name: param for name, param in PARAMS.items() if name not in ID_LISTS}
    texts = {name: query[param][:MAX_LENGTH] for name, param in single.items() if query.get(param)}
    page, visits = texts.pop("page", ""), texts.pop("visits", "")
    tiers, levels = (texts.pop(name, "").split("-") for name in ("tiers", "churn"))
    basket, areas = (_ids(query.get(PARAMS[name], "")) for name in ID_LISTS)
    return Selection(
        **texts,
        basket=basket,
        areas=areas,
        tiers=tuple(tier for tier in TIERS if str(tier) in tiers),
        churn=tuple(level for level in CHURN_LEVELS if level in levels),
        page=_count(page, 1),
        visits=_count(visits, DEFAULT_VISITS),
    )


def _count(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 7 else default


def _ids(text: str) -> tuple[str, ...]:
    """Ids of a list, each once, without those that are too long to be ids."""
    ids = dict.fromkeys(unquote(part) for part in text[: MAX_COMPARED * 3 * MAX_LENGTH].split(ID_SEPARATOR))
    return tuple(part for part in ids if part and len(part) <= MAX_LENGTH)[:MAX_COMPARED]


def params_of(selection: Selection) -> dict[str, str]:
    """URL parameters of a selection."""
    default = Selection(scope=default_scope())
    values = {field.name: getattr(selection, field.name) for field in fields(Selection)}
    return {
        PARAMS[name]: _text(name, value) for name, value in values.items() if value and value != getattr(default, name)
    }


def _text(name: str, value: Any) -> str:
    if name in ID_LISTS:
        return ID_SEPARATOR.join(quote(part, safe="").replace(ID_SEPARATOR, "%7E") for part in value)
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
