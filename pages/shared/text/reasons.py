"""Reasons of a score or a probability in words: a code and a value become one sentence in the reader's language.

Two kinds. The five components of the opportunity score are exact: points gained and points lost. The
reason groups of the default model are contributions in log-odds; the feature that carries most of a
group gives its sentence (data/reference/features.csv). Neither is a cause, nor advice.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pandas as pd

from core.config import policy
from core.features.catalogue import MIN_LOG_ODDS, catalogue
from pages.shared.text import Number, lang, money, number, percent, strings, t, unknown

# More than four are not likely to be helpful: Regulation B (12 CFR 1002.9), official comment 9(b)(2)-1.
MAX_REASONS = 4
MIN_POINTS = 0.5  # below it a component of the score is no reason
STRONG = 4  # from this tier on, the reasons say what carries the score and not what it lacks
NEVER_LATE = 24  # months_since_late: the feature's ceiling means "none in 24 months"

# Component -> its weight in the policy, its raw value and its peers' median in business_scores and peer_stats.
COMPONENTS = {
    "change": ("change", "change_raw", "peer_change"),
    "volatility": ("vol", "vol_raw", "peer_volatility"),
    "trend": ("trend", "trend_raw", "peer_trend"),
    "season": ("season", "season_raw", "peer_season"),
    "industry": ("industry", "u_industry", None),
}


@dataclass(frozen=True)
class Reason:
    """One reason in words: the fact, the usual value of the peers, and its weight."""

    code: str
    sentence: str
    peer: str | None
    weight: float  # points (score) or log-odds (default); above zero it helps a score and raises a risk


@dataclass(frozen=True)
class Component:
    """One component of the score in points; gained + lost is the most it could give."""

    code: str
    gained: float
    lost: float
    raw: float | None
    peer: float | None


def components(card: Any) -> list[Component]:
    """The components that the score of this business is made of, in the order of the policy."""
    weights = policy()["score"]["weights"]
    scored = {code: columns for code, columns in COMPONENTS.items() if not unknown(card[f"points_{code}"])}
    total = sum(weights[weight] for weight, _, _ in scored.values())
    return [
        Component(
            code,
            float(card[f"points_{code}"]),
            100 * weights[weight] / total - float(card[f"points_{code}"]),
            _number(card.get(raw)),
            _number(card.get(peer)) if peer else None,
        )
        for code, (weight, raw, peer) in scored.items()
    ]


def score_reasons(card: Any, most: int = MAX_REASONS) -> tuple[list[Reason], float, float]:
    """Reasons of the score, what they explain and of how much, both in points.

    A weak or fair score is explained by the points it lost, a good one by the points it gained. A component in the
    middle has lost points too, but is no reason as long as there is a worse one; a cap that cuts comes first.
    """
    parts = components(card)
    sign = 1 if not unknown(card["tier"]) and card["tier"] >= STRONG else -1
    weight = {part.code: part.gained if sign > 0 else part.lost for part in parts}
    excess = {part.code: sign * (part.gained - part.lost) for part in parts}
    reasons = [part for part in parts if excess[part.code] > 0 and weight[part.code] >= MIN_POINTS] or parts
    cut = cap_cut(card)
    cap = [Reason("cap", cap_sentence(card), None, -cut)] if cut else []
    shown = sorted(reasons, key=lambda part: -excess[part.code])[: most - len(cap)]
    sentences = [_component_reason(part, card, sign * weight[part.code]) for part in shown]
    return cap + sentences, cut + sum(weight[part.code] for part in shown), cut + sum(weight.values())


def cap_cut(card: Any) -> float:
    """Points that a cap takes away; 0 when none does."""
    if unknown(card["cap"]) or unknown(card["score_raw"]):
        return 0.0
    before = float(card["score_raw"]) + (0.0 if unknown(card["points_shrink"]) else float(card["points_shrink"]))
    return max(0.0, before - float(card["cap"]))


def cap_sentence(card: Any) -> str:
    """The hard fact behind a cap, in words."""
    if card["state"] in ("SUSPENDED", "ZERO_2M", "ZERO_SALES"):
        return t(f"reason.state.{card['state']}")
    return t("reason.late", days=number(card["days_past_due"]))


def _component_reason(component: Component, card: Any, weight: float) -> Reason:
    code = component.code
    key = f"reason.score.{code}"
    if code == "change" and "CHANGE_FALLBACK_QOQ" in str(card.get("flags")):
        key += "_short"
    words = SCORE_FORMATS[code]
    peer = t("reason.peer", value=words(component.peer)) if component.peer is not None else None
    if code == "industry" and not unknown(card.get("peers")):
        peer = t("reason.peers", count=number(card["peers"]))
    return Reason(code, t(key, value=words(component.raw)), peer, weight)


def model_reasons(drivers: pd.DataFrame, most: int = MAX_REASONS) -> tuple[list[Reason], float]:
    """The heaviest reasons of a model's probability, first those that raise it, and their share of the total."""
    total = drivers["contribution"].abs().sum()
    if not total:
        return [], 0.0
    relevant = drivers[drivers["contribution"].abs() >= MIN_LOG_ODDS]
    heaviest = relevant.loc[relevant["contribution"].abs().nlargest(most).index]
    shown = heaviest.sort_values("contribution", ascending=False)
    reasons = [
        Reason(row.reason, feature_sentence(row.reason, row.feature, row.value), _peer(row), float(row.contribution))
        for row in shown.itertuples()
    ]
    return reasons, float(shown["contribution"].abs().sum() / total)


def feature_sentence(reason: str, feature: str, value: Number) -> str:
    """The fact behind a reason group, from the feature that carries most of it."""
    if unknown(value) or feature not in value_formats():
        # A missing value has a meaning of its own: no overdraft, no instalments.
        return strings(lang()).get(f"reason.absent.{feature}", t("reason.no_value", group=group_name(reason)))
    if feature == "months_since_late" and value >= NEVER_LATE:
        return t("reason.default.never_late", value=number(NEVER_LATE))
    own = f"reason.churn.{feature}"
    return t(own if own in strings(lang()) else f"reason.default.{feature}", value=value_formats()[feature](value))


def _peer(row: Any) -> str | None:
    if unknown(row.value) or unknown(row.peer_median) or row.feature not in value_formats():
        return None
    if row.feature == "months_since_late" and row.peer_median >= NEVER_LATE:
        return t("reason.peer_never_late")
    return t("reason.peer", value=value_formats()[row.feature](row.peer_median))


def group_name(reason: str) -> str:
    """Name of a reason group of a model."""
    return t(f"reason.group.{reason}")


def top_sentence(row: Any) -> str:
    """The first reason of a row of the work list, in words."""
    if row["top_reason_model"] == "default" and not unknown(row["driver_feature"]):
        return feature_sentence(row["driver_reason"], row["driver_feature"], row["driver_value"])
    reasons, _, _ = score_reasons(row, most=1)
    return reasons[0].sentence if reasons else t(f"reason.state.{row['state']}")


def odds(contribution: float) -> str:
    """How many times the odds grow by a contribution in log-odds.

    >>> odds(0.405)
    '×1.50'
    >>> odds(4.86)
    '×129'
    """
    times = math.exp(contribution)
    return f"×{times:.2f}" if times < 10 else f"×{times:.0f}"


def _number(value: Number) -> float | None:
    return None if unknown(value) else float(value)


Format = Callable[[Number], str]


def _if_known(words: Callable[[float], str]) -> Format:
    """The format, with the word for "unknown" where the value is missing."""

    @wraps(words)
    def form(value: Number) -> str:
        return t("text.unknown") if unknown(value) else words(value)

    return form


def _difference(more: str, less: str, *, is_log: bool = True) -> Format:
    """Format of a difference in per cent; the value is a share, or the logarithm of a ratio."""

    @_if_known
    def form(value: float) -> str:
        share = math.expm1(value) if is_log else value
        if abs(share) < 0.0005:
            return t("reason.form.same")
        return t(f"reason.form.{more if share > 0 else less}", value=percent(abs(share)))

    return form


def _count(unit: str, digits: int = 0) -> Format:
    """Format of a number with its unit."""
    return lambda value: t(f"reason.form.{unit}", value=number(value, digits))


@_if_known
def _fall(log_sd: float) -> str:
    return percent(-math.expm1(-log_sd))


@_if_known
def _rank(percentile: float) -> str:
    side, part = ("bottom", percentile) if percentile < 0.5 else ("top", 1 - percentile)
    return t(f"reason.form.{side}", value=percent(max(part, 0.01), 0))


@_if_known
def _won(log_krw: float) -> str:
    return money(math.exp(log_krw))


@_if_known
def points(share: float) -> str:
    """A difference of two shares in percentage points with its sign.

    >>> points(-0.124)
    '-12.4%p'
    """
    words = f"{100 * share:+.1f}"
    return "0.0%p" if float(words) == 0 else f"{words}%p"


@_if_known
def _signed(value: float) -> str:
    return t("reason.form.count", value=f"{value:+,.1f}")


def _months(value: Number) -> str:
    return t("reason.form.months", value=number(value, 0 if unknown(value) or value == int(value) else 1))


_change, _level = _difference("up", "down"), _difference("above", "below")
SCORE_FORMATS: dict[str, Format] = {
    "change": _change,
    "volatility": _fall,
    "trend": _change,
    "season": _level,
    "industry": _rank,
}
UNIT_FORMATS: dict[str, Format] = {
    "log ratio": _change,
    "share of a year's mean": _difference("up", "down", is_log=False),
    "ratio": percent,
    "share": percent,
    "months": _months,
    "days": _count("days"),
    "count": _count("count"),
    "log won": _won,
}
# Where the unit alone does not say how a banker reads it.
FEATURE_FORMATS: dict[str, Format] = {
    "revenue_against_peers": _level,
    "autopay_change": _signed,
    "autopay_last_month": _signed,
    "season_ahead": _level,
    "logins_a_month": _count("times", 1),
    "card_share_change": points,
    "inflow_share_change": points,
}


def value_formats() -> dict[str, Format]:
    """How to write the value of each feature of the default model and of the churn model."""
    units = {feature.feature: feature.unit for model in ("churn", "default") for feature in catalogue(model)}
    return {feature: FEATURE_FORMATS.get(feature, UNIT_FORMATS[unit]) for feature, unit in units.items()}


def string_keys() -> Sequence[str]:
    """Every key of the strings that a code may ask for; tests hold them in both languages."""
    groups = {feature.reason for feature in catalogue()}
    states = ("INSUFFICIENT", "CLOSED", "SUSPENDED", "ZERO_2M", "ZERO_SALES", "OK")
    return (
        *(f"reason.score.{code}" for code in COMPONENTS),
        *(f"reason.component.{code}" for code in (*COMPONENTS, "cap")),
        *(f"reason.default.{feature.feature}" for feature in catalogue()),
        *(f"reason.group.{name}" for name in sorted(groups)),
        *(f"reason.state.{state}" for state in states),
    )
