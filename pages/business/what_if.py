"""What if something changed? Levers that somebody can pull, what the models then answer, and the nearest better band.

The only part of the page that asks a model; it is drawn, and the models are loaded, when it is unfolded.
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
from pages.shared.parts import cards
from pages.shared.read import has_tables, read, served_model
from pages.shared.text import churn, number, percent, reasons, t

MODELS = ("default", "churn")
FAINTEST = 0.0005  # a twentieth of a point of probability: less is no difference that anybody sees
Pulls = Mapping[str, float]


@dataclass(frozen=True)
class Asked:
    """One model, what it was given for this business, and the levers that do anything here."""

    name: str
    model: Model
    row: Mapping[str, float]
    levers: tuple[Lever, ...]


def asked(chosen: dict[str, Any]) -> list[Asked]:
    """The models that scored this business; none in a build that kept no inputs."""
    found = []
    for name in MODELS:
        trained = served_model(name)
        rows = read(f"business/inputs_{name}", **chosen) if trained is not None else pd.DataFrame()
        if trained is not None and not rows.empty:
            row = {str(feature): float(value) for feature, value in rows.iloc[0].items()}
            found.append(Asked(name, trained, row, useful(what_if.levers(name), row)))
    return found


def useful(levers: Sequence[Lever], row: Mapping[str, float]) -> tuple[Lever, ...]:
    """The levers that move anything of this business: who owes nothing has nothing to pay back."""
    return tuple(
        lever
        for lever in levers
        if any(_moved(what_if.lever_values(lever, amount, row), row) for amount in lever.amounts)
    )


def _moved(changed: Mapping[str, float], row: Mapping[str, float]) -> bool:
    return any(abs(value - row[feature]) > 1e-12 for feature, value in changed.items() if not np.isnan(value))


def fold(card: pd.Series, chosen: dict[str, Any]) -> None:
    """The folded part, drawn when somebody looks, for models must be loaded; a closed business has none."""
    if card["state"] == "CLOSED" or not has_tables("model_inputs_default"):
        return
    folded = st.expander(t("whatif.title"), icon=":material/tune:", key="what_if", on_change="rerun")
    if folded.open:
        with folded:
            show(chosen)


@st.fragment
def show(chosen: dict[str, Any]) -> None:
    """Answers, the levers below, then the nearest better band; a moved lever redraws this part only."""
    models = asked(chosen)
    if not any(one.levers for one in models):
        st.caption(t("whatif.none"))
        return
    st.caption(t("whatif.lead"))
    answers = st.container()
    with st.grid(3, min_column_width=210, gap="medium"):
        pulls = pull(models, chosen["business_id"])
    with answers:
        show_answers(models, pulls)
        st.caption(t("whatif.no_promise"))
    st.markdown(f"**{t('whatif.path')}**")
    for one in models:
        if one.levers:
            st.markdown(path(one))


def pull(models: Sequence[Asked], business_id: str) -> Pulls:
    """A slider for each thing that somebody can change; what is left at zero is not pulled."""
    known = {lever.lever: lever for one in models for lever in one.levers}
    pulled = {code: _slider(lever, f"lever_{code}_{business_id}") for code, lever in known.items()}
    return {code: amount for code, amount in pulled.items() if amount}


def _slider(lever: Lever, key: str) -> float:
    label = t(f"lever.{lever.lever}")
    by = t(f"whatif.by_{lever.changed_by}")
    if lever.unit == "done":
        return lever.amounts[-1] if st.toggle(label, key=key, help=by) else 0.0
    steps = [0.0, *lever.amounts]  # nothing at the left end, whichever way the lever goes
    chosen: float = st.select_slider(
        label, steps, value=0.0, format_func=lambda amount: amount_words(lever.unit, amount), key=key, help=by
    )
    return chosen


def amount_words(unit: str, amount: float) -> str:
    """+10%, -20%p, +2건 or, where nothing is changed, that."""
    if not amount:
        return t("whatif.as_is")
    if unit == "points":
        return f"{100 * amount:+.0f}%p"
    return percent(amount, 0, signed=True) if unit == "share" else t(f"whatif.{unit}", value=f"{amount:+,.0f}")


def answer(one: Asked, pulls: Pulls) -> WhatIf:
    """What the model says when these levers are pulled one after the other."""
    row = dict(one.row)
    for lever in one.levers:
        if lever.lever in pulls:
            row |= what_if.lever_values(lever, pulls[lever.lever], row)
    changes = {feature: value for feature, value in row.items() if not np.isnan(value) and value != one.row[feature]}
    return what_if.what_if(one.model, one.row, changes)


def show_answers(models: Sequence[Asked], pulls: Pulls) -> None:
    """Before and after of each model in a box, then the difference by reason."""
    said = {one.name: answer(one, pulls) for one in models}
    with cards.row(len(said)):
        for name, told in said.items():
            moved = told.after - told.before
            seen = abs(moved) >= FAINTEST
            note = reasons.points(moved) if seen else t("whatif.unmoved" if pulls else "whatif.pull")
            cards.show(t(f"whatif.{name}"), before_after(name, told) if seen else verdict(name, told.before), note)
    for name, told in said.items():
        parts = [_badge(reason, points) for reason, points in differences(told)]
        if parts:
            st.markdown(f"{t(f'whatif.{name}')}  \n{' '.join(parts)}")


def before_after(name: str, said: WhatIf) -> str:
    """Both answers with their bands."""
    return t("whatif.moved", before=verdict(name, said.before), after=verdict(name, said.after))


def _badge(reason: str, points: float) -> str:
    return f":{'blue' if points < 0 else 'red'}-badge[{reasons.group_name(reason)} {reasons.points(points)}]"


def differences(said: WhatIf) -> list[tuple[str, float]]:
    """Reasons that change and by how many points of probability, largest first; together they are the whole change."""
    moves = {reason: after - before for reason, (before, after) in said.reasons.items()}
    points = in_probability(np.array(list(moves.values())), said.log_odds[0], said.log_odds[1])
    told = [(reason, float(part)) for reason, part in zip(moves, points, strict=True) if abs(part) >= FAINTEST]
    return sorted(told, key=lambda one: -abs(one[1]))


def verdict(name: str, probability: float) -> str:
    """A probability with its band of default or its level of leaving."""
    if name == "churn":
        return churn.chance(probability, selection.CHURN_LEVELS[sum(probability >= edge for edge in churn.edges())])
    return t("business.pd_band", pd=percent(probability), band=band(probability))


def band(probability: float) -> str:
    """Letter of a probability of default.

    >>> band(0.001), band(0.5)
    ('A', 'E')
    """
    return "ABCDE"[sum(probability > end for end in policy()["default"]["pd_bands"])]


def target(name: str, probability: float) -> float | None:
    """The largest probability of the next better band or level; None in the best one."""
    ends = churn.edges() if name == "churn" else policy()["default"]["pd_bands"]
    below = [end for end in ends if end < probability]
    return None if not below else float(below[-1]) - 1e-6


def path(one: Asked) -> str:
    """The fewest changes that reach the next better band, in words; or that there are none."""
    now = answer(one, {})
    goal = target(one.name, now.before)
    subject = t(f"whatif.{one.name}")
    if goal is None:
        return t("whatif.best", subject=subject, now=verdict(one.name, now.before))
    better = verdict(one.name, goal)
    changes = what_if.counterfactual(one.model, one.row, one.levers, goal)
    if not changes:
        return t("whatif.unreachable", subject=subject, goal=better, levers=number(len(one.levers)))
    after = what_if.what_if(one.model, one.row, what_if.changed_values(changes)).after
    said = " · ".join(change_words(change) for change in changes)
    words = {"before": verdict(one.name, now.before), "after": verdict(one.name, after), "changes": said}
    return t("whatif.reachable", subject=subject, **words)


def change_words(change: Change) -> str:
    """매출 +10%; what the bank has to do is said to be the bank's."""
    name = t(f"lever.{change.lever}")
    told = name if change.unit == "done" else f"{name} {amount_words(change.unit, change.amount)}"
    return t("whatif.by_bank_short", change=told) if change.changed_by == "bank" else told
