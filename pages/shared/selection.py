"""What a user can choose: the fields of the selection, the codes that each accepts, and the managers of a scope."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.config import policy
from pages.shared.read import reference, segment_codes

BRANCH_PREFIX = "branch-"  # scope "branch-M001" is all managers of M001's branch: the URL holds no name
MAX_LENGTH = 64  # characters of an id or a search text accepted from a URL
MAX_COMPARED = 4  # businesses and districts side by side, together

# Orders of the business list, the first is the default; businesses.sql has the same codes.
SORTS = ("score", "score_best", "change", "pd", "churn", "anomaly", "revenue", "yoy", "contact", "name")
STATES = ("OK", "INSUFFICIENT", "SUSPENDED", "ZERO_2M", "ZERO_SALES", "CLOSED")
# Levels of the churn probability, from low to high, as churn_scores writes them.
CHURN_LEVELS = ("normal", "watch", "risk", "severe")
# Anomaly: at least this percentile of the reference.
ANOMALY_PERCENTILES = ("90", "95", "99")
# What colours the map: of the book, and of the city's own files.
MEASURES = ("score", "weak", "pd", "growth", "exposure", "market_score", "market_growth")
# Visits that a week has room for unless the user says otherwise, and the most that are planned.
DEFAULT_VISITS, MAX_VISITS = policy()["worklist"]["visits"], policy()["worklist"]["most_visits"]
FILTERS = ("district", "category", "tiers", "churn", "anomaly", "segment", "text", "state")


@dataclass(frozen=True)
class Selection:
    """What the user has chosen, the same on all pages. None, "" and () mean no filter."""

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
    visits: int = DEFAULT_VISITS
    segment: str | None = None
    product: str | None = None
    payment: str | None = None


def scopes() -> list[str]:
    """Scopes to choose from: each branch as a whole, followed by its managers."""
    options: list[str] = []
    for branch in dict.fromkeys(branch for _, branch in reference().managers.values()):
        managers = _managers_of_branch(branch)
        options += [f"{BRANCH_PREFIX}{min(managers)}", *managers]
    return options


def default_scope() -> str | None:
    """The first manager; None in a build without a bank's book."""
    return next(iter(reference().managers), None)


def managers_of_scope(scope: str | None) -> list[str]:
    """Managers of a scope: one manager, or all of the branch."""
    if scope is None:
        return []
    if not scope.startswith(BRANCH_PREFIX):
        return [scope]
    _, branch = reference().managers[scope.removeprefix(BRANCH_PREFIX)]
    return _managers_of_branch(branch)


def _managers_of_branch(branch: str) -> list[str]:
    return [manager for manager, (_, own_branch) in reference().managers.items() if own_branch == branch]


def without_unknown_codes(selection: Selection) -> Selection:
    """The selection without the codes that the build does not have."""
    districts = reference().names["districts", "ko"]
    areas = tuple(code for code in selection.areas if code in districts)
    return replace(
        selection,
        scope=_if_in(selection.scope, scopes()) or default_scope(),
        district=_if_in(selection.district, districts),
        category=_if_in(selection.category, reference().names["categories", "ko"]),
        state=_if_in(selection.state, STATES),
        sort=_if_in(selection.sort, SORTS) or SORTS[0],
        measure=_if_in(selection.measure, MEASURES),
        anomaly=_if_in(selection.anomaly, ANOMALY_PERCENTILES),
        segment=_if_in(selection.segment, segment_codes()),
        page=max(selection.page, 1),
        areas=areas[: MAX_COMPARED - len(selection.basket)],
        visits=min(max(selection.visits, 1), MAX_VISITS),
    )


def _if_in(code: str | None, codes: Collection[str]) -> str | None:
    return code if code in codes else None
