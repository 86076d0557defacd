"""The watch list: why a business is watched, and the rule that says when the watching may end.

The rule is checked against the served build; a rule that is met is shown and never closes an entry by itself.

Reads and writes desk_watch; `now` is a frame of the served build (see STATUS_COLUMNS).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from core.config import policy
from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope

TABLE = schema.watch
# What the served build says of a business; unknown is NULL.
STATUS_COLUMNS = ("business_id", "build_id", "as_of", "state", "tier", "score", "pd_12m")
# tier_at_least 3, pd_below .02, score_up 10 (points since the start), until a day.
RULES = ("tier_at_least", "pd_below", "score_up", "until")
Verdict = Literal["met", "worse", "on", "unknown", "gone"]


@dataclass(frozen=True)
class Rule:
    """When the watching may end: a threshold, or for `until` a day."""

    code: str
    threshold: float | None = None
    until_on: date | None = None

    def __post_init__(self) -> None:
        wanted = self.until_on if self.code == "until" else self.threshold
        if self.code not in RULES or wanted is None:
            raise ValueError(f"{self} is no exit rule; give one of {RULES} with its threshold or day")


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Entries of a business, open and closed, the newest first."""
    return records.rows(desk, TABLE, scope, TABLE.c.business_id == business_id)


def open_entries(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Open entries of the scope, the newest first."""
    return records.rows(desk, TABLE, scope, TABLE.c.closed_at.is_(None))


def put(desk: Desk, scope: Scope, business: Business, reason: str, rule: Rule, standing: Any) -> str:
    """Id of a new entry; refused as `exists` when the business is on the list already.

    Parameters
    ----------
    standing : row of STATUS_COLUMNS, how the business stands now
    """
    start = {"state": standing["state"], **{name: _known(standing[name]) for name in ("tier", "score")}}
    values = {
        "reason": records.words(reason),
        "rule": rule.code,
        "threshold": rule.threshold,
        "until_on": rule.until_on,
        "build_id": standing["build_id"],
        "as_of": pd.Timestamp(standing["as_of"]).date(),
        "start_pd": _known(standing["pd_12m"]),
        **{f"start_{name}": value for name, value in start.items()},
    }
    return records.add(desk, TABLE, scope, business, values)


def change_rule(desk: Desk, scope: Scope, entry_id: str, version: int, reason: str, rule: Rule) -> None:
    """Another reason or exit rule; the start stays."""
    values = {"reason": records.words(reason), "rule": rule.code, "threshold": rule.threshold}
    records.change(desk, TABLE, scope, entry_id, version, values | {"until_on": rule.until_on})


def close(desk: Desk, scope: Scope, entry_id: str, version: int, closing: str) -> None:
    """Off the list, with the reason."""
    values = {"closed_at": records.now(), "closed_by": scope.by, "closing": records.words(closing)}
    records.change(desk, TABLE, scope, entry_id, version, values)


def with_verdicts(entries: pd.DataFrame, now: pd.DataFrame, today: date) -> pd.DataFrame:
    """The entries with how the business stands now (now_tier, now_score, now_pd, now_state) and the verdict.

    met : the exit rule holds. worse : the tier fell since the start, the business stopped, or its PD rose as much as
    [desk] says. unknown : the figure that the rule asks for is not known now. gone : no book of the scope has it.
    A rule that is met and a state that is worse: worse, as the one that must not be missed.
    """
    names = {"state": "now_state", "tier": "now_tier", "score": "now_score", "pd_12m": "now_pd", "as_of": "now_as_of"}
    standing = now.rename(columns=names)[["business_id", *names.values()]]
    both = entries.merge(standing, on="business_id", how="left")
    return both.assign(verdict=[verdict(row, today) for _, row in both.iterrows()])


def verdict(entry: Any, today: date) -> Verdict:
    """What the served build says of an open entry (columns as `with_verdicts` joins them)."""
    if pd.isna(entry["now_state"]):
        return "gone"
    if _is_worse(entry):
        return "worse"
    met = _is_met(entry, today)
    return "unknown" if met is None else "met" if met else "on"


def _is_met(entry: Any, today: date) -> bool | None:
    if entry["rule"] == "until":
        return bool(today >= entry["until_on"])
    now = {"tier_at_least": "now_tier", "pd_below": "now_pd", "score_up": "now_score"}[entry["rule"]]
    value, start = _known(entry[now]), _known(entry["start_score"])
    if value is None or (entry["rule"] == "score_up" and start is None):
        return None
    if entry["rule"] == "pd_below":
        return value < entry["threshold"]
    return value - (start or 0.0 if entry["rule"] == "score_up" else 0.0) >= entry["threshold"]


def _is_worse(entry: Any) -> bool:
    fallen = _below(entry["now_tier"], entry["start_tier"])
    stopped = entry["start_state"] == "OK" and entry["now_state"] in policy()["desk"]["stopped"]
    before, now = _known(entry["start_pd"]), _known(entry["now_pd"])
    decided = policy()["desk"]
    riskier = before is not None and now is not None and now >= decided["pd_floor"] and now >= decided["pd_up"] * before
    return fallen or stopped or riskier


def _below(value: object, start: object) -> bool:
    now, then = _known(value), _known(start)
    return now is not None and then is not None and now < then


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
