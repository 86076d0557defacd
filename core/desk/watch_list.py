"""The watch list: why a business is watched, and the exit rule that says when it need not be any more.

The rule is checked against the served build. A rule that is met is shown; it never closes an entry by itself.

Reads and writes desk_watch; `now` is a frame of the served build with STATUS_COLUMNS.
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
# A business in the served build; unknown is NULL.
STATUS_COLUMNS = ("business_id", "build_id", "as_of", "state", "tier", "score", "pd_12m")
# Rules with a threshold, and the column that is compared: tier_at_least 3, pd_below .02, score_up 10 (points since the
# start of the entry). The rule `until` has a day.
RULE_COLUMNS = {"tier_at_least": "now_tier", "pd_below": "now_pd", "score_up": "now_score"}
RULES = (*RULE_COLUMNS, "until")
Verdict = Literal["met", "worse", "on", "unknown", "gone"]


@dataclass(frozen=True)
class Rule:
    """An exit rule: its code and its threshold, or for `until` its day."""

    code: str
    threshold: float | None = None
    until_on: date | None = None

    def __post_init__(self) -> None:
        limit = self.until_on if self.code == "until" else self.threshold
        if self.code not in RULES or limit is None:
            raise ValueError(f"{self} is no exit rule; give one of {RULES} with its threshold or day")


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Entries of a business, open and closed, the newest first."""
    return records.of_business(desk, TABLE, scope, business_id)


def open_entries(desk: Desk, scope: Scope) -> pd.DataFrame:
    """Open entries of the scope, the newest first."""
    return records.rows(desk, TABLE, scope, TABLE.c.closed_at.is_(None))


def put(desk: Desk, scope: Scope, business: Business, reason: str, rule: Rule, status: Any) -> str:
    """Id of a new entry; refused as `exists` when the business is on the list already.

    Parameters
    ----------
    status : row of STATUS_COLUMNS, the business in the served build
    """
    start = {
        "build_id": status["build_id"],
        "as_of": pd.Timestamp(status["as_of"]).date(),
        "start_state": status["state"],
        "start_tier": _number(status["tier"]),
        "start_score": _number(status["score"]),
        "start_pd": _number(status["pd_12m"]),
    }
    return records.add(desk, TABLE, scope, business, _values(reason, rule) | start)


def change_rule(desk: Desk, scope: Scope, entry_id: str, version: int, reason: str, rule: Rule) -> None:
    """Change reason and exit rule; the start of the entry stays."""
    records.change(desk, TABLE, scope, entry_id, version, _values(reason, rule))


def _values(reason: str, rule: Rule) -> dict[str, Any]:
    text = records.clean_text(reason)
    return {"reason": text, "rule": rule.code, "threshold": rule.threshold, "until_on": rule.until_on}


def close(desk: Desk, scope: Scope, entry_id: str, version: int, closing: str) -> None:
    """Take the business off the list, with the reason."""
    values = {"closed_at": records.now(), "closed_by": scope.by, "closing": records.clean_text(closing)}
    records.change(desk, TABLE, scope, entry_id, version, values)


def with_verdicts(entries: pd.DataFrame, now: pd.DataFrame, today: date) -> pd.DataFrame:
    """The entries with the business in the served build (now_tier, now_score, now_pd, now_state) and the verdict.

    met : the exit rule holds. worse : the tier is lower than at the start, the business has stopped, or its PD rose by
    the factor in [desk] of the policy. unknown : the figure of the rule is not known now. gone : no book of the scope
    has the business. An entry that is both met and worse is worse, the one that must not be missed.
    """
    names = {"state": "now_state", "tier": "now_tier", "score": "now_score", "pd_12m": "now_pd", "as_of": "now_as_of"}
    status = now.rename(columns=names)[["business_id", *names.values()]]
    rows = entries.merge(status, on="business_id", how="left")
    return rows.assign(verdict=[verdict(row, today) for _, row in rows.iterrows()])


def verdict(entry: Any, today: date) -> Verdict:
    """Verdict on an open entry (columns as in `with_verdicts`)."""
    if pd.isna(entry["now_state"]):
        return "gone"
    if _is_worse(entry):
        return "worse"
    is_met = _is_met(entry, today)
    return "unknown" if is_met is None else "met" if is_met else "on"


def _is_met(entry: Any, today: date) -> bool | None:
    rule, threshold = entry["rule"], entry["threshold"]
    if rule == "until":
        return bool(today >= entry["until_on"])
    value = _number(entry[RULE_COLUMNS[rule]])
    start = _number(entry["start_score"]) if rule == "score_up" else 0.0
    if value is None or start is None:
        return None
    return value < threshold if rule == "pd_below" else value - start >= threshold


def _is_worse(entry: Any) -> bool:
    limits = policy()["desk"]
    tier_before, tier_now = _number(entry["start_tier"]), _number(entry["now_tier"])
    pd_before, pd_now = _number(entry["start_pd"]), _number(entry["now_pd"])
    has_fallen = tier_before is not None and tier_now is not None and tier_now < tier_before
    has_stopped = entry["start_state"] == "OK" and entry["now_state"] in limits["stopped"]
    if has_fallen or has_stopped or pd_before is None or pd_now is None:
        return has_fallen or has_stopped
    return pd_now >= max(limits["pd_floor"], limits["pd_up"] * pd_before)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
