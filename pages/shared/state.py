"""Who and what is chosen: one selection for all pages, in the session and in the URL.

The session's selection is the truth. The URL is read twice only: on the session's first run (a link, a
reload) and when the browser goes Back or Forward; in every other run the URL is written. So a click that
overtakes the URL's way to the browser is never undone. The URL holds ids and codes, is checked against
the build each time, and leaves defaults out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import quote, unquote

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.config import policy
from pages.shared.read import reference, segment_codes
from pages.shared.text import LANGUAGE, LANGUAGES, TIERS, browser_language, lang

SELECTION = "selection"
PAGES = "pages"
BRANCH = "branch-"  # scope "branch-M001" is everyone of M001's branch, so that the URL carries no name
LONGEST = 64  # characters of an id or a search text accepted from a URL

# Orders of the business list, the first is the default; businesses.sql knows the same codes.
SORTS = ("score", "score_best", "change", "pd", "churn", "anomaly", "revenue", "yoy", "contact", "name")
STATES = ("OK", "INSUFFICIENT", "SUSPENDED", "ZERO_2M", "ZERO_SALES", "CLOSED")
# Levels of the chance of leaving, from low to high, as churn_scores writes them.
LEVELS = ("normal", "watch", "risk", "severe")
# "How unlike its usual self": at least this percentile of the reference.
ANOMALIES = ("90", "95", "99")
# Own widgets of the page Churn: how many businesses a week can take, and their order.
CAPACITY, LEAVING_ORDER, FLOW_MONTH = "churn_capacity", "churn_order", "churn_month"
# Own widgets of the page Segments.
SEGMENT_VIEW, SEGMENT_FEATURE, SEGMENT_WHOSE = "segment_view", "segment_feature", "segment_whose"
SEGMENT_TRY, SEGMENT_K, SEGMENT_TRIED = "segment_try", "segment_k", "segment_tried"
# Own widgets of the page Offers: groups of the chart, states of suitability and hold-out share of a campaign.
OFFERS_BY, OFFERS_STATES, OFFERS_SHARE = "offers_by", "offers_states", "offers_share"
# Own widgets of the page Payments.
PAYMENT_DAYS, PAYMENT_LEVELS, PAYMENT_CAPACITY = "payment_days", "payment_levels", "payment_capacity"
# Scale of the way to a probability: odds or points of probability.
WAY, WAYS = "way", ("odds", "points")
# Visits that a week has room for, as long as nobody says otherwise, and the most that are planned.
VISITS, MOST_VISITS = policy()["worklist"]["visits"], policy()["worklist"]["most_visits"]
# What colours the map: of the book, and of the city's own files.
MEASURES = ("score", "weak", "pd", "growth", "exposure", "market_score", "market_growth")


@dataclass(frozen=True)
class Selection:
    """What the user has chosen; every field travels from page to page. None, "" and () mean no filter."""

    scope: str | None = None
    district: str | None = None
    category: str | None = None
    tiers: tuple[int, ...] = ()
    text: str = ""
    state: str | None = None
    sort: str = SORTS[0]
    page: int = 1
    business_id: str | None = None
    measure: str | None = None
    churn: tuple[str, ...] = ()
    anomaly: str | None = None
    basket: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    visits: int = VISITS
    segment: str | None = None
    product: str | None = None
    payment: str | None = None


# Name in the URL of each field.
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
# Businesses and districts put side by side: so many in all, and between the ids in the URL, as an id may hold a "-".
COMPARED = ("basket", "areas")
MOST_COMPARED = 4
BETWEEN = "~"
FILTERS = ("district", "category", "tiers", "churn", "anomaly", "segment", "text", "state")


def restore() -> None:
    """Settle the selection of this run; call once, before any page reads it."""
    if SELECTION not in st.session_state or _went_back():
        st.session_state[LANGUAGE] = _language_from(st.query_params)
        st.session_state[SELECTION] = _from_url(st.query_params)
    st.session_state[SELECTION] = _known(st.session_state[SELECTION])


def restore_language() -> None:
    """Settle the language alone, for pages that must speak before there is a build."""
    if LANGUAGE not in st.session_state or _went_back():
        st.session_state[LANGUAGE] = _language_from(st.query_params)


def write_url() -> None:
    """Bring the URL to the selection; writes only a difference, as each write is an entry in the history."""
    wanted = url_params()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def url_params() -> dict[str, str]:
    """The selection as URL parameters, defaults left out."""
    chosen = _to_url(selection())
    return chosen if lang() == browser_language() else {"lang": lang()} | chosen


def selection() -> Selection:
    """What is chosen now."""
    if SELECTION not in st.session_state:
        restore()
    chosen: Selection = st.session_state[SELECTION]
    return chosen


def choose(**changes: Any) -> None:
    """Change the selection; a changed filter or order starts again at the first page of the list."""
    if changes.keys() & {*FILTERS, "scope", "sort"}:
        changes = {"page": 1} | changes
    st.session_state[SELECTION] = replace(selection(), **changes)


def clear_filters() -> None:
    """Callback: no filter."""
    choose(**{name: getattr(Selection(), name) for name in FILTERS})


def widget(field: str, default: object = "") -> dict[str, Any]:
    """Arguments that tie a widget to a field of the selection: its key, value and callback.

    `default` stands in the widget for "nothing chosen": its options begin with "".

    >>> st.selectbox("District", codes, **state.widget("district"))  # doctest: +SKIP
    """
    key = f"choose_{field}"
    value = getattr(selection(), field)
    value = default if value is None else value  # the default belongs to the widget, not to the URL
    st.session_state[key] = list(value) if isinstance(value, tuple) else value
    return {"key": key, "on_change": _take, "args": (field, key)}


def _take(field: str, key: str) -> None:
    value = st.session_state[key]
    value = tuple(sorted(value)) if isinstance(value, list) else value
    choose(**{field: value or getattr(Selection(), field)})


def go(page: str, **changes: Any) -> None:
    """Turn to a page ("businesses"), with changes to the selection; also as callback of a button."""
    choose(**changes)
    if page in st.session_state.get(PAGES, {}):
        st.switch_page(st.session_state[PAGES][page], query_params=url_params())


def open_business(business_id: str) -> None:
    """Turn to the page of one business."""
    go("business", business_id=business_id)


def business_id() -> str | None:
    """The business chosen; may be of another manager's book, so every query on it binds manager_ids()."""
    return selection().business_id


def scopes() -> list[str]:
    """Scopes to choose from: each branch as a whole, followed by its managers."""
    found: list[str] = []
    for branch in dict.fromkeys(branch for _, branch in reference().managers.values()):
        ids = _of_branch(branch)
        found += [f"{BRANCH}{min(ids)}", *ids]
    return found


def manager_ids() -> list[str]:
    """Managers whose businesses may be seen; empty when the build has no bank's book."""
    return ids_of(selection().scope)


def ids_of(scope: str | None) -> list[str]:
    """Managers of a scope: one, or everyone of the branch."""
    if scope is None:
        return []
    if not scope.startswith(BRANCH):
        return [scope]
    _, branch = reference().managers[scope.removeprefix(BRANCH)]
    return _of_branch(branch)


def _of_branch(branch: str) -> list[str]:
    return [manager for manager, (_, of) in reference().managers.items() if of == branch]


def _went_back() -> bool:
    # Streamlit 1.67 tells the script run, but not the script, that the browser went Back or Forward.
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _language_from(query: Mapping[str, str]) -> str:
    wanted = query.get("lang", "")
    return wanted if wanted in LANGUAGES else browser_language()


def _from_url(query: Mapping[str, str]) -> Selection:
    """A selection from URL parameters; what has the wrong form is dropped."""
    single = {name: param for name, param in PARAMS.items() if name not in COMPARED}
    texts = {name: query[param][:LONGEST] for name, param in single.items() if query.get(param)}
    page, visits = texts.pop("page", "1"), texts.pop("visits", "")
    tiers, levels = texts.pop("tiers", ""), texts.pop("churn", "")
    basket, areas = (_ids(query.get(PARAMS[name], "")) for name in COMPARED)
    return Selection(
        **texts,
        basket=basket,
        areas=areas,
        tiers=tuple(tier for tier in TIERS if str(tier) in tiers.split("-")),
        churn=tuple(level for level in LEVELS if level in levels.split("-")),
        page=_count(page, 1),
        visits=_count(visits, VISITS),
    )


def _count(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 7 else default


def _to_url(chosen: Selection) -> dict[str, str]:
    default = Selection(scope=_default_scope())
    params = {}
    for field in fields(Selection):
        value = getattr(chosen, field.name)
        if value and value != getattr(default, field.name):
            params[PARAMS[field.name]] = _joined(field.name, value) if isinstance(value, tuple) else str(value)
    return params


def _joined(name: str, values: tuple[Any, ...]) -> str:
    if name in COMPARED:
        return BETWEEN.join(quote(value, safe="").replace(BETWEEN, "%7E") for value in values)
    return "-".join(map(str, values))


def _ids(text: str) -> tuple[str, ...]:
    """Ids between the signs of a URL, each once, none too long to be one."""
    found = dict.fromkeys(unquote(part) for part in text[: MOST_COMPARED * 3 * LONGEST].split(BETWEEN))
    return tuple(part for part in found if part and len(part) <= LONGEST)[:MOST_COMPARED]


def _known(chosen: Selection) -> Selection:
    """The selection without codes that the build does not have."""
    areas = tuple(code for code in chosen.areas if code in reference().names["districts", "ko"])
    return replace(
        chosen,
        scope=chosen.scope if chosen.scope in scopes() else _default_scope(),
        district=_one_of(chosen.district, reference().names["districts", "ko"]),
        category=_one_of(chosen.category, reference().names["categories", "ko"]),
        state=_one_of(chosen.state, STATES),
        sort=_one_of(chosen.sort, SORTS) or SORTS[0],
        measure=_one_of(chosen.measure, MEASURES),
        anomaly=_one_of(chosen.anomaly, ANOMALIES),
        segment=_one_of(chosen.segment, segment_codes()),
        page=max(chosen.page, 1),
        areas=areas[: MOST_COMPARED - len(chosen.basket)],
        visits=min(max(chosen.visits, 1), MOST_VISITS),
    )


def _one_of(value: str | None, known: Collection[str]) -> str | None:
    return value if value in known else None


def _default_scope() -> str | None:
    return next(iter(reference().managers), None)
