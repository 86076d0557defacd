"""Rolling origins: which months fit, validate and test the revenue models, and what came out of each.

    ... origins to learn from ... | validation | validation | test | three months without outcomes yet | as_of

A fold's models are fitted on outcomes known at its cut and asked for every origin from the cut on. Gates, weights and
the reach of intervals come from the validation folds; the test fold is met once, by models that end before it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from core.models.forecast.bank.features import FEATURES, HORIZONS, Panel, joined, panel
from core.models.forecast.bank.series import Array, Book, Season
from core.models.forecast.hierarchy import SMALL, Hierarchy, Recipe, Said, fit, predict
from core.models.forecast.hierarchy_weights import Validation, Weights, decide

Cells = tuple[tuple[str, ...], tuple[str, ...]]  # regions, categories

THREADS = 2  # folds at a time, and parts of a prediction within one
FOLD = 6  # origins a fold is asked for
VALIDATIONS = 2
BACK = 30  # months of origins to learn from; older ones moved no figure (48 against 30: less than 0.1 points of WAPE)
THINNED = 3  # every business learns from each third origin, taking turns: neighbours repeat each other
LEAST_BACK = 9  # fewer months of origins cannot carry a model
FIRST_MONTHS = 6  # of sales before the first origin
USUAL_LEAST = 100_000.0  # won; below it a business's error is counted against this

RECIPE = Recipe(
    FEATURES,
    # Chosen on the validation folds, where the loss is flat from 8 to 31 leaves and 120 to 300 trees.
    params=SMALL,
    rounds={"global": 120, "regional": 40, "local": 20},
    # Models of their own lose 2 to 5 % to the global one on the demo's folds, corrections on top of it nothing.
    onto_global=True,
)


@dataclass(frozen=True)
class Plan:
    """Cuts of the folds as month numbers, oldest first; `test` is None when the history is too short for a test."""

    first: int  # first origin that can be learned from
    last: int
    validations: tuple[int, ...]
    test: int | None

    @property
    def cuts(self) -> tuple[int, ...]:
        """Cuts of all folds, the test's last."""
        return self.validations if self.test is None else (*self.validations, self.test)

    @property
    def origins(self) -> range:
        """Every origin that any fold needs."""
        return range(max(self.first, min(self.cuts) - BACK), max(self.cuts) + FOLD) if self.cuts else range(0)


def plan(first_month: int, last: int) -> Plan:
    """The folds that a history from `first_month` to `last` can carry.

    >>> found = plan(0, 71)
    >>> found.validations, found.test, found.origins
    ((49, 55), 63, range(19, 69))
    >>> plan(0, 20).test is None
    True
    """
    first, longest = first_month + FIRST_MONTHS - 1, max(HORIZONS)
    test = last - longest - FOLD + 1
    # The outcomes of a validation origin must be known when the test begins.
    newest = test - longest - FOLD + 1
    cuts = [newest - FOLD * back for back in reversed(range(VALIDATIONS))]
    enough = [cut for cut in cuts if cut - longest - first >= LEAST_BACK]
    return Plan(first, last, tuple(enough), test if test - longest - first >= LEAST_BACK else None)


@dataclass(frozen=True)
class Fold:
    """Models fitted up to a cut, and what they said of the origins after it."""

    cut: int
    models: Hierarchy
    asked: Panel
    said: Said


def learnable(rows: Panel, cut: int) -> Array:
    """Rows a model of this cut may learn from: outcomes known by then, each business in every third origin."""
    origin = rows.rows.period
    turn = (origin + rows.rows.entity) % THINNED == 0
    return rows.matured & (rows.month <= cut) & (origin > cut - BACK) & turn


def history(book: Book, season: Season, plan: Plan) -> Panel:
    """Rows of every origin the folds need; whole where a fold is asked, thinned where one only learns."""
    asked = [origin for cut in plan.cuts for origin in range(cut, cut + FOLD)]
    learned = [origin for origin in plan.origins if origin not in asked]
    return joined([panel(book, season, learned, THINNED), panel(book, season, asked)])


def fold(rows: Panel, cut: int, cells: Cells) -> Fold:
    """One fold of the panel: fit up to `cut`, ask for the next FOLD origins with known outcomes."""
    origin = rows.rows.period
    models = fit(RECIPE, rows.rows.where(learnable(rows, cut)), *cells)
    asked = rows.where(rows.matured & (origin >= cut) & (origin < cut + FOLD))
    return Fold(cut, models, asked, predict(models, asked.rows))


def evidence(folds: Sequence[Fold]) -> Validation:
    """The folds as evidence for gates and weights; a loss is the error in months of the business's usual sales."""
    asked, said = joined([one.asked for one in folds]), Said.joined([one.said for one in folds])
    return Validation(asked.rows, said, loss_of(asked), asked.month)


def loss_of(asked: Panel) -> Callable[[Array], Array]:
    """Loss of predictions: |forecast - actual| as a share of the usual month of the business."""
    usual = np.maximum(np.nan_to_num(asked.usual), USUAL_LEAST)
    return lambda said: np.abs(asked.won(said) - asked.actual) / usual


def weights_of(folds: Sequence[Fold], models: Hierarchy) -> Weights:
    """Gates and weights from the folds; without any, only the global model speaks."""
    seen = evidence(folds)
    return decide(seen, models.counts)


def alone(models: Hierarchy) -> Weights:
    """Weights where nothing could be validated: the global model speaks for everybody."""
    table = models.counts.assign(difference=np.nan, low=np.nan, p=np.nan, gate=False, k=np.nan)
    table = table.assign(weight=np.where(table["level"] == "global", 1.0, 0.0), used=table["level"] == "global")
    losses = dict.fromkeys(("loss_global", "loss_regional", "loss_local", "loss_combined"), np.nan)
    return Weights(table.assign(**losses), np.inf, np.inf)


def folds_of(rows: Panel, cuts: Sequence[int], cells: Cells) -> list[Fold]:
    """A fold for each cut that has something to learn from, two at a time."""
    able = [cut for cut in cuts if learnable(rows, cut).any()]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda cut: fold(rows, cut, cells), able))


def served_fit(book: Book, season: Season, plan: Plan, cells: Cells) -> Hierarchy | None:
    """The recipe on the newest outcomes; None when there are not enough of them."""
    origins = range(max(plan.first, plan.last - BACK), plan.last)
    if len(origins) < LEAST_BACK:
        return None
    rows = panel(book, season, origins, THINNED)
    chosen = learnable(rows, plan.last)
    return fit(RECIPE, rows.rows.where(chosen), *cells) if chosen.any() else None


def counted(weights: Weights, models: Hierarchy) -> Weights:
    """The same weights with the counts of the models that serve; a cell without a model has no weight."""
    names = ["entities", "periods", "rows", "fitted", "inherits"]
    table = weights.table.drop(columns=names).merge(models.counts[["model_id", *names]], on="model_id")
    own = np.where(table["fitted"], table["weight"], 0.0)
    return replace(weights, table=table.assign(weight=own, used=own > 0))
