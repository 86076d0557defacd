"""Reasons in words: a code and a value become one sentence, in the reader's language.

Two kinds. The five components of the opportunity score are exact: points gained and points lost. The
reason groups of the default model are contributions in log-odds; the feature that carries most of a
group speaks for it (data/reference/features.csv). Neither is a cause, nor advice.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.config import policy
from core.features.catalogue import catalogue
from pages.shared.text import Number, lang, money, number, percent, strings, t, unknown

MAX_REASONS = 4  # more than four reasons help nobody (domain notes, A.4)
SMALLEST = 0.5  # points under which a component is no reason
FAINTEST = 0.05  # log-odds under which a group is no reason: it moves the odds by a twentieth
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
    """One reason, ready to show: what is so, beside what is usual, and what it weighs."""

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
    known = {code: spec for code, spec in COMPONENTS.items() if not unknown(card[f"points_{code}"])}
    total = sum(weights[weight] for weight, _, _ in known.values())
    return [
        Component(
            code,
            float(card[f"points_{code}"]),
            100 * weights[weight] / total - float(card[f"points_{code}"]),
            _known(card.get(raw)),
            _known(card.get(peer)) if peer else None,
        )
        for code, (weight, raw, peer) in known.items()
    ]


def score_reasons(card: Any, most: int = MAX_REASONS) -> tuple[list[Reason], float, float]:
    """Reasons of the score, what they explain and of how much, both in points.

    A weak or fair score is explained by the points it lost, a good one by the points it gained. A component in the
    middle has lost points too, but is no reason as long as there is a worse one; a cap that cuts comes first.
    """
    found = components(card)
    strong = not unknown(card["tier"]) and card["tier"] >= STRONG
    weight = {c.code: c.gained if strong else c.lost for c in found}
    beside = {c.code: (c.gained - c.lost) * (1 if strong else -1) for c in found}
    telling = [c for c in found if beside[c.code] > 0 and weight[c.code] >= SMALLEST] or found
    cut = cap_cut(card)
    first = [Reason("cap", cap_sentence(card), None, -cut)] if cut else []
    shown = sorted(telling, key=lambda c: -beside[c.code])[: most - len(first)]
    reasons = [_component_reason(c, card, weight[c.code] if strong else -weight[c.code]) for c in shown]
    return first + reasons, cut + sum(weight[c.code] for c in shown), cut + sum(weight.values())


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
    form = SCORE_FORMATS[code]
    peer = t("reason.peer", value=form(component.peer)) if component.peer is not None else None
    if code == "industry" and not unknown(card.get("peers")):
        peer = t("reason.peers", count=number(card["peers"]))
    return Reason(code, t(key, value=form(component.raw)), peer, weight)


def model_reasons(drivers: pd.DataFrame, most: int = MAX_REASONS) -> tuple[list[Reason], float]:
    """The heaviest reasons of a model's probability, what raises it first, and their share of all that moves it."""
    total = drivers["contribution"].abs().sum()
    if not total:
        return [], 0.0
    telling = drivers[drivers["contribution"].abs() >= FAINTEST]
    heaviest = telling.loc[telling["contribution"].abs().nlargest(most).index]
    shown = heaviest.sort_values("contribution", ascending=False)
    reasons = [
        Reason(row.reason, feature_sentence(row.reason, row.feature, row.value), _peer(row), float(row.contribution))
        for row in shown.itertuples()
    ]
    return reasons, float(shown["contribution"].abs().sum() / total)


def feature_sentence(reason: str, feature: str, value: Number) -> str:
    """What is so, of the feature that speaks for a reason group."""
    if unknown(value) or feature not in value_formats():
        # A missing value has a meaning of its own: no overdraft, no instalments.
        return strings(lang()).get(f"reason.absent.{feature}", t("reason.no_value", group=group_name(reason)))
    if feature == "months_since_late" and float(value) >= NEVER_LATE:
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


def _known(value: Number) -> float | None:
    return None if unknown(value) else float(value)


def _change(log_ratio: Number) -> str:
    return _moved(None if unknown(log_ratio) else math.expm1(float(log_ratio)), "up", "down")


def _share_change(share: Number) -> str:
    return _moved(_known(share), "up", "down")


def _level(log_ratio: Number) -> str:
    return _moved(None if unknown(log_ratio) else math.expm1(float(log_ratio)), "above", "below")


def _moved(share: float | None, more: str, less: str) -> str:
    if share is None:
        return t("text.unknown")
    if abs(share) < 0.0005:
        return t("reason.form.same")
    return t(f"reason.form.{more if share > 0 else less}", value=percent(abs(share)))


def _fall(log_sd: Number) -> str:
    return t("text.unknown") if unknown(log_sd) else percent(-math.expm1(-float(log_sd)))


def _rank(percentile: Number) -> str:
    if unknown(percentile):
        return t("text.unknown")
    share = float(percentile)
    side, part = ("bottom", share) if share < 0.5 else ("top", 1 - share)
    return t(f"reason.form.{side}", value=percent(max(part, 0.01), 0))


def _won(log_krw: Number) -> str:
    return money(None if unknown(log_krw) else math.exp(float(log_krw)))


def points(share: Number) -> str:
    """A difference of two shares in percentage points with its sign.

    >>> points(-0.124)
    '-12.4%p'
    """
    if unknown(share):
        return t("text.unknown")
    told = f"{100 * float(share):+.1f}"
    return "0.0%p" if float(told) == 0 else f"{told}%p"


def _days(value: Number) -> str:
    return t("reason.form.days", value=number(value))


def _months(value: Number) -> str:
    return t("reason.form.months", value=number(value, 0 if unknown(value) or float(value) == int(value) else 1))


def _count(value: Number) -> str:
    return t("reason.form.count", value=number(value))


def _times(value: Number) -> str:
    return t("reason.form.times", value=number(value, 1))


def _signed(value: Number) -> str:
    return t("text.unknown") if unknown(value) else t("reason.form.count", value=f"{float(value):+,.1f}")


Form = Callable[[Number], str]
SCORE_FORMATS: dict[str, Form] = {
    "change": _change,
    "volatility": _fall,
    "trend": _change,
    "season": _level,
    "industry": _rank,
}
UNIT_FORMATS: dict[str, Form] = {
    "log ratio": _change,
    "share of a year's mean": _share_change,
    "ratio": percent,
    "share": percent,
    "months": _months,
    "days": _days,
    "count": _count,
    "log won": _won,
}
# Where the unit alone does not say how a banker reads it.
FEATURE_FORMATS: dict[str, Form] = {
    "revenue_against_peers": _level,
    "autopay_change": _signed,
    "autopay_last_month": _signed,
    "season_ahead": _level,
    "logins_a_month": _times,
    "card_share_change": points,
    "inflow_share_change": points,
}


def value_formats() -> dict[str, Form]:
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
