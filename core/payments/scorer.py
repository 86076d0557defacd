"""Both answers on payments: will it succeed, and how risky is it? The same code for the build, the stream and the API.

Input is a table of customer.FEATURES and HABIT_MOST, one row a payment, NaN unknown.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from core.config import policy
from core.models.classifier import explain, model_files
from core.models.classifier.model import Model
from core.payments import fraud, risk_index
from core.payments.customer_state import FEATURES, HABIT_MOST
from core.payments.usual_amounts import FILE, Usual

Array = np.ndarray

COLUMNS = (*FEATURES, HABIT_MOST)
PAYMENTS = "payments"
STREAM = "stream"  # folder of a build with what the stream is handed beside the models
REASONS = 3
MANY = 200  # payments from which a second core pays
PLACES = 9  # of numbers that are written: the same text on every machine

AMOUNT, HABIT = COLUMNS.index("amount_z_90d"), COLUMNS.index("hour_habit")


@dataclass(frozen=True)
class Scores:
    """Answers on n payments; NaN is unknown.

    `parts` and `contribution` are (n, 4) in the order of risk.PARTS; `decision` is approve, review or None.
    """

    p_success: Array
    p_fraud: Array
    parts: Array
    index: Array
    contribution: Array
    level: list[str]

    def decision(self) -> list[str | None]:
        """What the chance of success alone says of each payment."""
        return [decision(p) for p in self.p_success.tolist()]

    def is_in_doubt(self) -> dict[str, Array]:
        """Chances worth explaining, (n,) of bool.

        `success` where it leads to a review; `fraud` where it is the largest part of a high or very high index.
        """
        reviewed = ~(self.p_success > approve_above()) & ~np.isnan(self.p_success)
        leads = (self.contribution.argmax(axis=1) == 0) & (self.contribution[:, 0] > 0)
        return {"success": reviewed, "fraud": leads & np.isin(self.level, risk_index.LEVELS[2:])}


def approve_above() -> float:
    """Chance of success above which a payment is approved."""
    return float(policy()["payments"]["approve_above"])


def decision(p_success: float) -> str | None:
    """approve above the policy's chance, else review; None when the chance is unknown.

    >>> decision(0.71), decision(0.7), decision(float("nan"))
    ('approve', 'review', None)
    """
    if p_success != p_success:
        return None
    return "approve" if p_success > approve_above() else "review"


@dataclass(frozen=True)
class Scorer:
    """The models of one build; either may be missing, its answers are then unknown."""

    build_id: str
    success: Model | None
    fraud: fraud.Fraud | None
    usual: Usual

    @classmethod
    def of_build(cls, folder: Path) -> "Scorer":
        """The scorer of a build's folder.

        Raises
        ------
        DataError : a model is broken or of another version of the code
        """
        home = folder / "models" / PAYMENTS
        success = model_files.load(home) if (home / model_files.CARD).exists() else None
        table = Usual.read(folder / STREAM / FILE)
        return cls(folder.name, success, fraud.load(folder / "models" / fraud.NAME), table)

    def score(self, values: Array, threads: int = 1) -> Scores:
        """Answers on rows of COLUMNS, (n, len(COLUMNS))."""
        p_success, (p_fraud, chance), pattern = side_by_side(
            len(values) >= MANY,
            lambda: self._success(values, threads),
            lambda: self._fraud(values, threads),
            lambda: self._pattern(values, threads),
        )
        amount, time = risk_index.amount_part(values[:, AMOUNT]), risk_index.time_part(values[:, HABIT], values[:, -1])
        parts = np.column_stack([chance, pattern, amount, time])
        index, contribution = risk_index.composites(parts)
        return Scores(p_success, p_fraud, parts, index, contribution, risk_index.level(index))

    def _success(self, values: Array, threads: int) -> Array:
        if self.success is None or not len(values):
            return np.full(len(values), np.nan)
        return self.success.probability(_of(values, self.success.features), threads)

    def _fraud(self, values: Array, threads: int) -> tuple[Array, Array]:
        """Chance of fraud, and its part of the index."""
        if self.fraud is None or not len(values):
            return np.full(len(values), np.nan), np.full(len(values), np.nan)
        p = self.fraud.probability(values, COLUMNS, threads)
        return p, risk_index.ranked(self.fraud.reference.of_chance(p))

    def _pattern(self, values: Array, threads: int) -> Array:
        if self.fraud is None or not len(values):
            return np.full(len(values), np.nan)
        return risk_index.ranked(self.fraud.reference.of_pattern(self.fraud.strangeness(values, COLUMNS, threads)))

    def reasons(self, values: Array, asked: dict[str, Array], threads: int = 1) -> list[dict[str, Any] | None]:
        """Why, for each payment of which something is `asked`: {success: [...], fraud: [...]}, None for the others.

        The reasons of a chance are those that pull it the bad way most, at most three, as {reason, feature, value,
        contribution}: contribution in log-odds, the group's; value of the feature that carries most of it, None when
        unknown. `asked` is what Scores.is_in_doubt says: (n,) of bool for success and for fraud.
        """
        models = {"success": (self.success, -1), "fraud": (self.fraud.chance if self.fraud else None, 1)}
        calls = [partial(_reasons, model, values[asked[name]], bad, threads) for name, (model, bad) in models.items()]
        answers: list[dict[str, Any] | None] = [None] * len(values)
        for name, why in zip(models, side_by_side(len(values) >= MANY, *calls), strict=True):
            # A model that is missing has explained nothing.
            for row, reasons in zip(np.flatnonzero(asked[name]).tolist(), why, strict=False):
                answers[row] = (answers[row] or {}) | {name: reasons}
        return answers


def _of(values: Array, features: Sequence[str]) -> Array:
    return np.ascontiguousarray(values[:, [COLUMNS.index(name) for name in features]])


def side_by_side(is_worth_it: bool, *calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, made on two cores when that is worth it: LightGBM lets go of the interpreter.

    Threads of our own rather than its own: two OpenMP teams on a busy machine wait for each other.
    """
    return list(_pool().map(lambda call: call(), calls)) if is_worth_it else [call() for call in calls]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="scorer")


def _reasons(model: Model | None, values: Array, bad: int, threads: int) -> list[list[dict[str, Any]]]:
    if model is None or not len(values):
        return []
    values = _of(values, model.features)
    why, names = explain.reasons(model, values, threads), explain.reason_names(model)
    return [
        [
            {
                "reason": names[code],
                "feature": model.features[feature],
                "value": None if np.isnan(value) else round(value, PLACES),
                "contribution": round(contribution, PLACES),
            }
            for code, contribution, feature, value in list(zip(*row, strict=True))[::-bad][:REASONS]
            if contribution * bad > 0
        ]
        for row in zip(
            *(part.tolist() for part in (why.code, why.contribution, why.feature, why.value)),
            strict=True,
        )
    ]
