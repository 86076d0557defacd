"""What if something changed? Levers that somebody can pull, the models' answers, and the changes to a better band.

The only part of the page that asks a model. It is drawn, and the models are loaded, when it is unfolded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.config import policy
from core.models import what_if
from core.models.classifier.explain import in_probability
from core.models.classifier.model import Model
from core.models.what_if import Change, Lever, WhatIf
from pages.shared import selection
from pages.shared.parts import cards, controls
from pages.shared.read import has_tables, read, served_model
from pages.shared.text import churn, number, percent, reasons, t

MODELS = ("default", "churn")
SMALLEST = 0.0005  # a twentieth of a point of probability: a smaller change rounds to nothing on the page
Pulls = Mapping[str, float]  # lever -> amount


@dataclass(frozen=True)
class ModelCase:
    """A model, its features of one business, and the levers that change any of them."""

    name: str
    model: Model
    row: Mapping[str, float]
    levers: tuple[Lever, ...]


def model_cases(chosen: dict[str, Any]) -> list[ModelCase]:
    """A case per model that scored the business; none in a build that has not stored the models' inputs."""
    cases = []
    for name in MODELS:
        trained = served_model(name)
        if trained is None or (rows := read(f"business/inputs_{name}", **chosen)).empty:
            continue
        row = {str(feature): float(value) for feature, value in rows.iloc[0].items()}
        cases.append(ModelCase(name, trained, row, effective(what_if.levers(name), row)))
    return cases


def effective(levers: Sequence[Lever], row: Mapping[str, float]) -> tuple[Lever, ...]:
    """The levers that change a feature of this business: without arrears there is nothing to pay back."""
    return tuple(
        lever
        for lever in levers
        if any(_is_changed(what_if.lever_values(lever, amount, row), row) for amount in lever.amounts)
    )


def _is_changed(changed: Mapping[str, float], row: Mapping[str, float]) -> bool:
    return any(abs(value - row[feature]) > 1e-12 for feature, value in changed.items() if not np.isnan(value))


def fold(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The part, folded because models must be loaded for it; a closed business has none."""
    if card["state"] != "CLOSED" and has_tables("model_inputs_default"):
        controls.fold(t("whatif.title"), "what_if", ":material/tune:", lambda: _show(chosen))


@st.fragment
def _show(chosen: dict[str, Any]) -> None:
    """Answers, levers, then the changes to a better band. A fragment: a moved lever redraws this part only."""
    cases = model_cases(chosen)
    with_levers = [case for case in cases if case.levers]
    if not with_levers:
        st.caption(t("whatif.none"))
        return
    st.caption(t("whatif.lead"))
    answers = st.container()
    with st.grid(3, min_column_width=210, gap="medium"):
        pulls = _show_levers(cases, chosen["business_id"])
    with answers:
        _show_answers(cases, pulls)
        st.caption(t("whatif.no_promise"))
    st.markdown(f"**{t('whatif.path')}**")
    for case in with_levers:
        st.markdown(better_band(case))


def _show_levers(cases: Sequence[ModelCase], business_id: str) -> Pulls:
    """A slider per lever; the levers that stand at zero are not in the result."""
    levers = {lever.lever: lever for case in cases for lever in case.levers}
    amounts = {code: _slider(lever, f"lever_{code}_{business_id}") for code, lever in levers.items()}
    return {code: amount for code, amount in amounts.items() if amount}


def _slider(lever: Lever, key: str) -> float:
    label = t(f"lever.{lever.lever}")
    by = t(f"whatif.by_{lever.changed_by}")
    if lever.unit == "done":
        return lever.amounts[-1] if st.toggle(label, key=key, help=by) else 0.0
    steps = [0.0, *lever.amounts]  # no change stands at the left end, also where the amounts are negative
    amount: float = st.select_slider(
        label, steps, value=0.0, format_func=lambda step: amount_words(lever.unit, step), key=key, help=by
    )
    return amount


def amount_words(unit: str, amount: float) -> str:
    """An amount in its unit: +10%, -20%p, +2건; that nothing changes where it is 0."""
    if not amount:
        return t("whatif.as_is")
    if unit == "points":
        return f"{100 * amount:+.0f}%p"
    return percent(amount, 0, signed=True) if unit == "share" else t(f"whatif.{unit}", value=f"{amount:+,.0f}")


def answer(case: ModelCase, pulls: Pulls) -> WhatIf:
    """The model's answer when these levers are pulled one after the other."""
    row = dict(case.row)
    for lever in case.levers:
        if lever.lever in pulls:
            row |= what_if.lever_values(lever, pulls[lever.lever], row)
    changes = {feature: value for feature, value in row.items() if not np.isnan(value) and value != case.row[feature]}
    return what_if.what_if(case.model, case.row, changes)


def _show_answers(cases: Sequence[ModelCase], pulls: Pulls) -> None:
    """The probability of each model before and after in a box, then the differences by reason."""
    answers = {case.name: answer(case, pulls) for case in cases}
    with cards.row(len(answers)):
        for name, result in answers.items():
            _show_card(name, result, bool(pulls))
    for name, result in answers.items():
        badges = [_badge(reason, points) for reason, points in differences(result)]
        if badges:
            st.markdown(f"{t(f'whatif.{name}')}  \n{' '.join(badges)}")


def _show_card(name: str, result: WhatIf, is_pulled: bool) -> None:
    difference = result.after - result.before
    before = verdict(name, result.before)
    if abs(difference) < SMALLEST:
        cards.show(t(f"whatif.{name}"), before, t("whatif.unmoved" if is_pulled else "whatif.pull"))
        return
    words = t("whatif.moved", before=before, after=verdict(name, result.after))
    cards.show(t(f"whatif.{name}"), words, reasons.points(difference))


def _badge(reason: str, points: float) -> str:
    return f":{'blue' if points < 0 else 'red'}-badge[{reasons.group_name(reason)} {reasons.points(points)}]"


def differences(result: WhatIf) -> list[tuple[str, float]]:
    """Reasons and their changes in points of probability, the largest first; the changes add up to the whole one."""
    changes = {reason: after - before for reason, (before, after) in result.reasons.items()}
    points = in_probability(np.array(list(changes.values())), result.log_odds[0], result.log_odds[1])
    pairs = [(reason, float(part)) for reason, part in zip(changes, points, strict=True) if abs(part) >= SMALLEST]
    return sorted(pairs, key=lambda pair: -abs(pair[1]))


def verdict(name: str, probability: float) -> str:
    """A probability with its PD band or its churn level."""
    if name == "churn":
        return churn.chance(probability, selection.CHURN_LEVELS[sum(probability >= edge for edge in churn.edges())])
    return t("business.pd_band", pd=percent(probability), band=band(probability))


def band(probability: float) -> str:
    """Band of a probability of default, A to E.

    >>> band(0.001), band(0.5)
    ('A', 'E')
    """
    return "ABCDE"[sum(probability > end for end in policy()["default"]["pd_bands"])]


def target(name: str, probability: float) -> float | None:
    """The largest probability of the next better band or level; None in the best one."""
    ends = churn.edges() if name == "churn" else policy()["default"]["pd_bands"]
    below = [end for end in ends if end < probability]
    return None if not below else float(below[-1]) - 1e-6


def better_band(case: ModelCase) -> str:
    """The fewest changes that reach the next better band, in words; or that no changes reach it."""
    before = answer(case, {}).before
    goal = target(case.name, before)
    subject = t(f"whatif.{case.name}")
    if goal is None:
        return t("whatif.best", subject=subject, now=verdict(case.name, before))
    changes = what_if.counterfactual(case.model, case.row, case.levers, goal)
    if not changes:
        return t("whatif.unreachable", subject=subject, goal=verdict(case.name, goal), levers=number(len(case.levers)))
    after = what_if.what_if(case.model, case.row, what_if.changed_values(changes)).after
    words = {"before": verdict(case.name, before), "after": verdict(case.name, after)}
    return t("whatif.reachable", subject=subject, **words, changes=" · ".join(map(_change_words, changes)))


def _change_words(change: Change) -> str:
    """매출 +10%; with a note where the bank must do it."""
    name = t(f"lever.{change.lever}")
    words = name if change.unit == "done" else f"{name} {amount_words(change.unit, change.amount)}"
    return t("whatif.by_bank_short", change=words) if change.changed_by == "bank" else words
